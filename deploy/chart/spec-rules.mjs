import { join } from 'node:path'
import { Document, visit } from 'yaml'
import { rules } from '../../dist/src/policy/rules/catalogue.js'
import { chart } from './manifest-digest.mjs'

/** What the templates of the ValidatingAdmissionPolicy read. */
export const specRulesFile = join(chart, 'spec-rules.yaml')

const head = `What the companion ValidatingAdmissionPolicy says: the rules that CEL can decide exactly from the AtlasMigration alone.
 Made by \`npm run manifest\` from \`cel\` in src/policy/rules, where its fields are explained; do not edit.`

/** The lines of a text in the source as the one that CEL gets. */
const oneLine = text => text.trim().replaceAll(/\s*\n\s*/g, ' ')

/** YAML of every rule with a twin in CEL, in the order of the catalogue. */
export function buildSpecRules() {
  const twins = rules.flatMap(({ id, since, cel }) => (cel ? [{ id, since, ...cel }] : []))
  const document = new Document(
    twins.map(twin => Object.fromEntries(Object.entries(twin).map(([k, v]) => [k, oneLine(v)]))),
  )
  document.commentBefore = ` ${head}`
  visit(document, {
    Pair(_key, { key, value }) {
      if (!['id', 'since', 'fix'].includes(key.value)) value.type = 'BLOCK_FOLDED'
    },
  })
  return document.toString({ lineWidth: 118 })
}
