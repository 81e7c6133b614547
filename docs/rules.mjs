// Writes docs/rules: the page of every rule, as `atlas-admission rules ID --format markdown` prints it, and the index.
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ruleMarkdown, rulesMarkdown } from '../dist/src/cli/rules/rule-markdown.js'
import { rules } from '../dist/src/policy/rules/catalogue.js'
import { rulePages } from '../dist/src/policy/pages/rule-pages.js'

const folder = join('docs', 'rules')

for (const name of readdirSync(folder)) rmSync(join(folder, name))
writeFileSync(join(folder, 'README.md'), rulesMarkdown(rules))
for (const rule of rules)
  writeFileSync(join(folder, `${rule.id}.md`), ruleMarkdown(rule, rulePages.get(rule.id)))
