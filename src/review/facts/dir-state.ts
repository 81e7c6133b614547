import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import type { Secret } from '../../policy/facts/atlas-migration.js'
import type { DirStateFacts } from '../../policy/facts/facts.js'
import type { ClusterView } from './cluster-view.js'

const inflate = promisify(gunzip)

/**
 * Type and key of the Secret that the operator writes after each successful reconcile (operator
 * 0.7).
 */
const dirStateType = 'atlasgo.io/db.v1'
const dirStateKey = 'migrations.tar.gz'

/**
 * Most bytes of the unpacked archive. A directory comes from a ConfigMap (1 MiB of data) or an
 * inline spec (etcd takes 1.5 MiB for a whole object), and tar adds at most 1 KiB a file. Eight
 * times the ConfigMap's limit holds every real directory and stops an archive that is made to grow
 * when it is unpacked.
 */
const maxArchiveBytes = 8 * 1024 * 1024

const dirStatePrefix = 'io.atlasgo.db.v1.'

/**
 * Name of the Secret in which the operator keeps the directory of the last successful reconcile.
 */
export function dirStateSecretName(migrationName: string): string {
  return `${dirStatePrefix}${migrationName}.latest`
}

export function isDirStateName(secretName: string): boolean {
  return secretName.startsWith(dirStatePrefix)
}

export async function readDirState(
  view: ClusterView,
  namespace: string,
  migrationName: string,
): Promise<DirStateFacts> {
  const reading = await view.readSecret(namespace, dirStateSecretName(migrationName))
  if ('unreadable' in reading) return { kind: 'unreadable', reason: reading.unreadable }
  if (!reading.value) return { kind: 'absent' }
  return unpack(reading.value, view)
}

/** Unpacks the directory. The operator refuses the same Secrets, and then fails every reconcile. */
async function unpack(secret: Secret, view: ClusterView): Promise<DirStateFacts> {
  const unreadable = (reason: string): DirStateFacts => ({ kind: 'unreadable', reason })
  if (secret.type !== dirStateType) return unreadable(`its type is not ${dirStateType}`)
  const encoded = secret.data?.[dirStateKey]
  if (encoded === undefined) return unreadable(`it has no key ${dirStateKey}`)
  const archive = await inflateArchive(Buffer.from(encoded, 'base64'))
  if (typeof archive === 'string') return unreadable(archive)
  try {
    const entries = await unpackTar(archive, { strict: true })
    const files = new Map<string, string>()
    // Buffer's decoder keeps a byte order mark, which the hash covers. TextDecoder would drop it.
    for (const entry of entries)
      if (entry.data) files.set(entry.header.name, Buffer.from(entry.data).toString('utf8'))
    return { kind: 'read', directory: view.directoryOf(Object.fromEntries(files)) }
  } catch {
    return unreadable(`${dirStateKey} is not a tar archive`)
  }
}

async function inflateArchive(compressed: Buffer): Promise<Buffer | string> {
  try {
    return await inflate(compressed, { maxOutputLength: maxArchiveBytes })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ERR_BUFFER_TOO_LARGE'
      ? `${dirStateKey} unpacks to more than ${maxArchiveBytes / 1024 / 1024} MiB`
      : `${dirStateKey} is not gzip`
  }
}
