import type { AtlasMigration, ObjectMetadata } from '../../policy/facts/atlas-migration.js'
import type { DirectoryFacts } from '../../policy/facts/facts.js'
import { lifetimeOf } from '../../policy/facts/object-lifetime.js'
import type { ClusterView } from './cluster-view.js'

/**
 * What kustomize appends to the name of a generated ConfigMap: ten characters of its hash alphabet.
 */
const kustomizeHash = /^[a-z0-9]{10}$/

/** Reads the files of an AtlasMigration from where the operator takes them (0.7, extractData). */
export async function readDirectorySource(
  view: ClusterView,
  migration: AtlasMigration,
): Promise<DirectoryFacts> {
  const dir = migration.spec.dir
  if (dir?.remote?.name) return { kind: 'remote' }
  if (dir?.local && dir.configMapRef) return { kind: 'conflicting' }
  const name = migration.metadata.name ?? ''
  if (dir?.local)
    return buildSource(view, {
      source: 'local',
      name,
      data: dir.local,
      binaryKeys: [],
      ...substitution(migration.metadata),
      ...rendering(migration.metadata),
    })
  if (dir?.configMapRef) return readConfigMapSource(view, migration, dir.configMapRef.name ?? '')
  return { kind: 'none' }
}

async function readConfigMapSource(
  view: ClusterView,
  migration: AtlasMigration,
  name: string,
): Promise<DirectoryFacts> {
  const namespace = migration.metadata.namespace ?? ''
  const reading = await view.readConfigMap(namespace, name)
  if ('unreadable' in reading) return { kind: 'unreadable', name, reason: reading.unreadable }
  if (!reading.value) {
    const names = await view.configMapNames(namespace, `${name}-`)
    const similar = names.filter(other => kustomizeHash.test(other.slice(name.length + 1)))
    return { kind: 'configmap-missing', name, similar }
  }
  const { data = {}, binaryData = {}, metadata } = reading.value
  const lifetime = lifetimeOf(metadata)
  return buildSource(view, {
    source: 'configmap',
    name,
    data,
    binaryKeys: Object.keys(binaryData),
    ...substitution(metadata),
    ...rendering(metadata),
    ...(lifetime && { lifetime }),
  })
}

const fluxName = 'kustomize.toolkit.fluxcd.io/name'
const fluxSubstitute = 'kustomize.toolkit.fluxcd.io/substitute'

/** Flux labels what it applies. Its substitution is switched off by a label or an annotation. */
function substitution({
  labels = {},
  annotations = {},
}: ObjectMetadata): Pick<Source, 'isSubstituted'> {
  if (!Object.hasOwn(labels, fluxName)) return {}
  const isOff = [labels, annotations].some(
    texts => Object.hasOwn(texts, fluxSubstitute) && texts[fluxSubstitute] === 'disabled',
  )
  return isOff ? {} : { isSubstituted: true }
}

/** Helm labels what it installs. Where another tool applies its output, charts themselves set a label. */
function rendering({ labels = {}, annotations = {} }: ObjectMetadata): Pick<Source, 'isFromHelm'> {
  const isFromHelm =
    (Object.hasOwn(labels, managedBy) && labels[managedBy] === 'Helm') ||
    Object.hasOwn(labels, 'helm.sh/chart') ||
    Object.hasOwn(annotations, 'meta.helm.sh/release-name')
  return isFromHelm ? { isFromHelm } : {}
}

const managedBy = 'app.kubernetes.io/managed-by'

type Source = Omit<Extract<DirectoryFacts, { kind: 'read' }>, 'kind' | 'directory'>

function buildSource(view: ClusterView, source: Source): DirectoryFacts {
  return { kind: 'read', ...source, directory: view.directoryOf(source.data) }
}
