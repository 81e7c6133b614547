import type { AtlasMigration, ConfigMap, Secret } from '../../policy/facts/atlas-migration.js'
import type { FieldPath } from '../../policy/text/field-path.js'
import type { YamlPosition } from '../../policy/settings/yaml-position.js'
import {
  parseAtlasMigration,
  parseConfigMap,
  parseSecret,
  type ObjectProblems,
} from '../../review/object/parse-object.js'
import { decodeSecret } from './decode-secret.js'
import { nameTemplate, templateField } from './unrendered.js'
import { parseKubectlYaml, type YamlDocument, type YamlProblem } from './kubectl-yaml.js'

/** An object of a kind that is read here, and its place in the file. */
export type ManifestObject = YamlPosition &
  (
    | { readonly kind: 'AtlasMigration'; readonly object: AtlasMigration }
    | { readonly kind: 'ConfigMap'; readonly object: ConfigMap }
    | { readonly kind: 'Secret'; readonly object: Secret }
  )

/** The object with the places of all its fields. It keeps the whole parsed text in memory. */
export type LocatedObject = ManifestObject & Pick<YamlDocument, 'positionOf' | 'textPositionOf'>

/** What one file of manifests holds. */
export interface Manifest<T extends ManifestObject = ManifestObject> {
  readonly objects: readonly T[]
  readonly problems: readonly YamlProblem[]
  /** Kinds that nothing here reads, such as `apps/v1 Deployment`. */
  readonly skippedKinds: readonly string[]
  /** Whether the text as a whole cannot be read, so that it is not known which objects it has. */
  readonly broken: boolean
}

/**
 * The objects of a YAML or JSON text, with lists taken apart, namespaces filled in, and Secrets
 * merged.
 */
export function parseManifest(text: string): Manifest {
  const { objects, ...manifest } = parseLocatedManifest(text, 'default')
  return {
    ...manifest,
    objects: objects.map(({ positionOf: _field, textPositionOf: _text, ...object }) => object),
  }
}

/** The objects with the places of their fields; `namespace` is that of objects that name none. */
export function parseLocatedManifest(text: string, namespace: string): Manifest<LocatedObject> {
  const { documents, problems } = parseKubectlYaml(text)
  const parts = documents.flatMap(document =>
    readPart(document.value, { document, namespace, path: [] }),
  )
  return {
    objects: parts.flatMap(part => ('object' in part ? [part] : [])),
    problems: nameTemplate(text, [
      ...problems,
      ...parts.flatMap(part => ('message' in part ? [part] : [])),
    ]),
    skippedKinds: parts.flatMap(part => ('skipped' in part ? [part.skipped] : [])),
    broken: problems.length > 0,
  }
}

type Part = LocatedObject | YamlProblem | { readonly skipped: string }

interface Place {
  readonly document: YamlDocument
  readonly path: FieldPath
  readonly namespace: string
}

function readPart(value: unknown, place: Place): readonly Part[] {
  // The document is empty, as between two `---`.
  if (value === null || value === undefined) return []
  const { apiVersion, kind, items } = Object(value) as Readonly<Record<string, unknown>>
  if (typeof kind !== 'string' || typeof apiVersion !== 'string')
    return [{ skipped: 'documents that are no Kubernetes object' }]
  if (listKinds.has(`${apiVersion} ${kind}`)) return readList(items, place)
  const read = readers.get(`${apiVersion} ${kind}`)
  return read === undefined ? [{ skipped: `${apiVersion} ${kind}` }] : read(value, place)
}

const atlasVersion = 'db.atlasgo.io/v1alpha1'

const listKinds = new Set([
  'v1 List',
  'v1 ConfigMapList',
  'v1 SecretList',
  'v1 NamespaceList',
  `${atlasVersion} AtlasMigrationList`,
])

function readList(items: unknown, place: Place): readonly Part[] {
  if (items === null || items === undefined) return []
  const path = [...place.path, 'items']
  if (!Array.isArray(items))
    return [{ ...place.document.positionOf(path), message: 'items: expected a list' }]
  return items.flatMap((item: unknown, index) =>
    readPart(item, { ...place, path: [...path, index] }),
  )
}

type Reader = (value: unknown, place: Place) => readonly Part[]

const readers: ReadonlyMap<string, Reader> = new Map(
  Object.entries<Reader>({
    [`${atlasVersion} AtlasMigration`]: (value, place) => {
      const template = templateField(value)
      if (template !== null)
        return problemsAt({ problems: [template.message], paths: [template.path] }, place)
      const parsed = parseAtlasMigration(value)
      if ('problems' in parsed) return problemsAt(parsed, place)
      return named(parsed.migration, place, object => ({ kind: 'AtlasMigration', object }))
    },
    'v1 ConfigMap': (value, place) => {
      const parsed = parseConfigMap(value)
      if ('problems' in parsed) return problemsAt(parsed, place)
      return named(parsed.configMap, place, object => ({ kind: 'ConfigMap', object }))
    },
    'v1 Secret': (value, place) => {
      // Its values are still encrypted, so the Secret counts as absent. Where it is needed, that is
      // a warning.
      if (Object.hasOwn(Object(value) as object, 'sops'))
        return [{ skipped: 'v1 Secret, encrypted with SOPS' }]
      const parsed = parseSecret(value)
      if ('problems' in parsed) return problemsAt(parsed, place)
      const decoded = decodeSecret(parsed.secret)
      if ('problems' in decoded) return problemsAt(decoded, place)
      return named(decoded.secret, place, object => ({ kind: 'Secret', object }))
    },
    // The kind is known, and nothing in it is needed.
    'v1 Namespace': () => [],
  }),
)

type Unplaced<T> = T extends unknown ? Omit<T, keyof YamlPosition> : never

function named<T extends AtlasMigration | ConfigMap | Secret>(
  object: T,
  place: Place,
  build: (object: T) => Unplaced<ManifestObject>,
): readonly Part[] {
  const { metadata } = object
  if (!metadata.name)
    return problemsAt(
      { problems: ['metadata.name: expected a name, found none'], paths: [['metadata', 'name']] },
      place,
    )
  const namespace = metadata.namespace || place.namespace
  const { document, path } = place
  return [
    {
      ...document.positionOf(path),
      ...build({ ...object, metadata: { ...metadata, namespace } }),
      positionOf: field => document.positionOf([...path, ...field]),
      textPositionOf: (field, line) => document.textPositionOf([...path, ...field], line),
    },
  ]
}

function problemsAt({ problems, paths }: ObjectProblems, place: Place): readonly YamlProblem[] {
  return problems.map((message, index) => ({
    ...place.document.positionOf([...place.path, ...(paths[index] as FieldPath)]),
    message,
  }))
}
