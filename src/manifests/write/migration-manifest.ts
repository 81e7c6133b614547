import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isNode, isSeq, LineCounter } from 'yaml'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { parseDocuments } from '../text/kubectl-yaml.js'
import { parseManifest } from '../text/parse-manifest.js'

/** How an AtlasMigration is to be edited. */
export interface MigrationEdit {
  readonly namespace: string
  readonly name: string
  /** The ConfigMap that spec.dir is to name, in place of whatever it names now. */
  readonly configMap: string
}

/** A manifest before and after an edit, both printed in the same way. */
export interface EditedManifest {
  readonly before: string
  readonly after: string
}

/**
 * Edits one AtlasMigration of a text that may hold more objects: it names another ConfigMap, and
 * undoing migrations is forbidden. Comments and other fields stay. null when the text does not hold
 * the object, or when exactly this cannot be edited (aliases around spec.dir).
 */
export function editMigrationManifest(text: string, edit: MigrationEdit): EditedManifest | null {
  const original = findMigration(text, edit)
  if (original === null) return null
  const printed = printEdited(text, edit)
  const edited = printed === null ? null : findMigration(printed.after, edit)
  return isDeepStrictEqual(edited, pointed(original, edit.configMap)) ? printed : null
}

function findMigration(text: string, { namespace, name }: MigrationEdit): AtlasMigration | null {
  for (const entry of parseManifest(text).objects) {
    const { metadata } = entry.object
    if (entry.kind === 'AtlasMigration' && metadata.namespace === namespace)
      if (metadata.name === name) return entry.object
  }
  return null
}

/** The object as the edit is to leave it. */
function pointed(migration: AtlasMigration, configMap: string): AtlasMigration {
  const { spec } = migration
  const { protectedFlows } = spec
  const down = protectedFlows?.migrateDown
  return {
    ...migration,
    spec: {
      ...spec,
      dir: { configMapRef: { ...spec.dir?.configMapRef, name: configMap } },
      ...(down?.allow && {
        protectedFlows: { ...protectedFlows, migrateDown: { ...down, allow: false } },
      }),
    },
  }
}

function printEdited(text: string, edit: MigrationEdit): EditedManifest | null {
  const print = (document: Document) =>
    document.toString({ lineWidth: 0, indentSeq: !plainSequence.test(text) })
  for (const document of parseDocuments(text, new LineCounter())) {
    const found = locate(document, edit)
    if (!found) continue
    // A parsed document has directives.
    found.directives!.docStart = null
    const before = print(found)
    return editDocument(found, edit.configMap) ? { before, after: print(found) } : null
  }
  return null
}

/** A list whose `- ` stands in the column of its key, as kubectl prints it. */
const plainSequence = /^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m

/** The document that is the object; of a list, a document with the item alone. */
function locate(document: Document.Parsed, edit: MigrationEdit): Document | null {
  const { contents } = document
  if (isWanted(contents, edit)) return document
  const items = isMap(contents) ? contents.get('items') : null
  const item = isSeq(items) ? items.items.find(item => isWanted(item, edit)) : undefined
  if (!isNode(item)) return null
  const alone = document.clone() as Document
  alone.contents = item
  alone.commentBefore = null
  return alone
}

function isWanted(node: unknown, { namespace, name }: MigrationEdit): boolean {
  if (!isMap(node) || node.get('kind') !== 'AtlasMigration') return false
  const at = node.getIn(['metadata', 'namespace']) ?? 'default'
  return at === namespace && node.getIn(['metadata', 'name']) === name
}

/**
 * Edits the document. False where an alias stands in the way, because its target may be used
 * elsewhere too.
 */
function editDocument(document: Document, configMap: string): boolean {
  try {
    for (const field of ['local', 'remote']) {
      const path = ['spec', 'dir', field]
      if (document.hasIn(path)) document.deleteIn(path)
    }
    document.setIn(['spec', 'dir', 'configMapRef', 'name'], configMap)
    const allow = ['spec', 'protectedFlows', 'migrateDown', 'allow']
    if (document.getIn(allow) === true) document.setIn(allow, false)
    return true
  } catch {
    return false
  }
}
