import type { FollowedCluster, WatchedCluster } from '../../gate/opened-cluster.js'
import type { PooledReader } from '../../gate/pooled-reader.js'
import type { CertificateStore } from '../../certificates/certificate-store.js'
import type { CertificateStoreOptions } from '../../kubernetes/certificates/kubernetes-certificate-store.js'
import type { KubernetesOptions } from '../../kubernetes/kubernetes-cluster.js'
import type { InputOptions, ManifestInput } from '../../manifests/read/manifest-input.js'
import type { MigrationFolder } from '../../manifests/read/migration-folder.js'
import type { DatabaseFailure } from '../../policy/facts/facts.js'
import type { DatabaseLimits } from '../../policy/settings/settings.js'
import type { DeliveryCluster } from '../../review/delivery.js'
import type { ExportedTable } from './database-choice.js'

/** A folder that stands for the cluster. */
export interface FolderCluster extends FollowedCluster {
  /** Kinds of object in it that nothing here reads. */
  skippedKinds(): readonly string[]
}

export interface OpenCertificateStore extends CertificateStore {
  close(): void
}

export interface ReaderOptions {
  readonly limits: DatabaseLimits
  /**
   * Told of each failure, with an SQLSTATE or a system code. The log may tell more than the user
   * may know.
   */
  readonly onFailure: (failure: DatabaseFailure, code: string) => void
}

/** How a command that answers once reads what its arguments name. */
export interface InputAdapters {
  /** Rejects with an InputError for a path that cannot be read. */
  readonly readManifests: (options: InputOptions) => Promise<ManifestInput>
  readonly readMigrationFolder: (folder: string) => Promise<MigrationFolder>
  readonly readStandardInput: () => Promise<string>
  /** Builds a cluster without any object. */
  readonly buildDeliveryCluster: () => DeliveryCluster
  readonly readExport: (file: string) => Promise<ExportedTable>
}

/** How the program reaches the outside world. main.ts constructs the real adapters. */
export interface Adapters {
  readonly openManifests: (folder: string) => Promise<FolderCluster>
  /** Does not wait for the cluster, but needs its configuration. */
  readonly openKubernetes: (options: KubernetesOptions) => Promise<WatchedCluster>
  /** Does not wait for the cluster either. */
  readonly openCertificateStore: (options: CertificateStoreOptions) => Promise<OpenCertificateStore>
  readonly buildReader: (options: ReaderOptions) => PooledReader
}
