import { join } from 'node:path'
import { ownValue } from '../../atlas/text/own-value.js'
import type { FieldPath } from '../../policy/text/field-path.js'
import type { FilePlace, Finding } from '../../policy/facts/finding.js'
import type { AtlasMigration, ObjectMetadata } from '../../policy/facts/atlas-migration.js'
import type { LocatedObject } from '../../manifests/text/parse-manifest.js'
import type { FileObject } from '../../manifests/text/unique-objects.js'
import type { Place } from '../../report/parts/report.js'

/** The places of the objects of a check. */
export interface InputPlaces {
  /** By kind, namespace and name, in the form of {@link placeKey}. */
  readonly objects: ReadonlyMap<string, FileObject<LocatedObject>>
  /** Folders of migration files that stand for a ConfigMap, by its `namespace/name`. */
  readonly folders: ReadonlyMap<string, string>
}

export function placeKey(
  kind: string,
  { metadata }: { readonly metadata: ObjectMetadata },
): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`
}

export function objectPlace({ file, entry }: FileObject<LocatedObject>): Place {
  return { file: shownPath(file), line: entry.line, column: entry.column }
}

/**
 * The place of a finding: in the migration file that it is about, else at the field of the
 * AtlasMigration; null without a file.
 */
export function findingPlace(
  finding: Finding,
  migration: AtlasMigration,
  places: InputPlaces,
): Place | null {
  const own = places.objects.get(placeKey('AtlasMigration', migration))
  return (
    migrationFilePlace(finding, migration, { own, places }) ??
    (own ? fieldPlace(own, parseField(finding.field)) : null)
  )
}

interface Sources {
  readonly own: FileObject<LocatedObject> | undefined
  readonly places: InputPlaces
}

function migrationFilePlace(
  finding: Finding,
  { metadata, spec }: AtlasMigration,
  { own, places }: Sources,
): Place | null {
  const candidates = [...(finding.at ? [finding.at] : []), ...finding.subjects.map(firstLine)]
  const key = `${metadata.namespace}/${spec.dir?.configMapRef?.name}`
  const folder = places.folders.get(key)
  const configMap = places.objects.get(`ConfigMap ${key}`)
  for (const at of candidates) {
    const place =
      (own && textPlace(own, { at, fields: ['spec', 'dir', 'local'] })) ??
      (folder !== undefined && isFileName(at.file) ? filePlace(folder, at) : null) ??
      (configMap && textPlace(configMap, { at, fields: ['data'] }))
    if (place) return place
  }
  return configMap && finding.field === 'spec.dir.configMapRef' ? objectPlace(configMap) : null
}

function firstLine(file: string): FilePlace {
  return { file, line: 1 }
}

/** Whether a subject is the name of a file. Subjects may also be versions and names of objects. */
function isFileName(text: string): boolean {
  return text.endsWith('.sql') || text === 'atlas.sum'
}

function filePlace(folder: string, { file, line }: FilePlace): Place {
  return { file: shownPath(join(folder, file)), line, column: 1 }
}

interface TextField {
  readonly at: FilePlace
  /** The path of the field that holds the files by name. */
  readonly fields: readonly string[]
}

function textPlace(
  { file, entry }: FileObject<LocatedObject>,
  { at, fields }: TextField,
): Place | null {
  const texts = fields.reduce<unknown>(
    (value, field) => ownValue(Object(value) as Record<string, unknown>, field),
    entry.object,
  )
  if (!Object.hasOwn(Object(texts) as object, at.file)) return null
  return { file: shownPath(file), ...entry.textPositionOf([...fields, at.file], at.line) }
}

function fieldPlace({ file, entry }: FileObject<LocatedObject>, field: FieldPath): Place {
  return { file: shownPath(file), ...entry.positionOf(field) }
}

/** Parses a field in the form of findings, such as `spec.vars[0].key`. */
function parseField(field: string): FieldPath {
  return Array.from(field.matchAll(/\[(\d+)\]|([^.[\]]+)/g), ([, index, key]) =>
    index === undefined ? String(key) : Number(index),
  )
}

/** The path with slashes, as the output formats require. */
function shownPath(path: string): string {
  return path.replaceAll('\\', '/')
}
