// Lists the rules and their pages, for `npm run build`: a file in src/policy/rules or src/policy/pages is enough, and no
// list is kept by hand. What it writes is checked in, so that an editor and a reader find it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const notice = '// Made by `npm run build` (docs/catalogue.mjs) from the files beside this one: do not edit.'

/** `file-out-of-order` to `fileOutOfOrder`, the name that the file exports. */
const camelCase = id => id.replaceAll(/-([a-z0-9])/g, (_match, letter) => letter.toUpperCase())

/** Files named like a rule that export a constant of that name and type. */
function findExports(folder, type) {
  return readdirSync(folder)
    .filter(name => /^[a-z0-9-]+\.ts$/.test(name))
    .map(name => name.slice(0, -'.ts'.length))
    .filter(id =>
      readFileSync(join(folder, `${id}.ts`), 'utf8').includes(
        `export const ${camelCase(id)}: ${type} =`,
      ),
    )
    .sort()
}

function write(file, lines) {
  const text = `${[notice, ...lines].join('\n')}\n`
  if (readIfThere(file) !== text) writeFileSync(file, text)
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

const imports = ids => ids.map(id => `import { ${camelCase(id)} } from './${id}.js'`)

const rules = findExports('src/policy/rules', 'Rule')
write('src/policy/rules/listed-rules.ts', [
  "import type { Rule } from '../facts/finding.js'",
  ...imports(rules),
  '',
  '/** Every rule, by the name of its file. */',
  'export const listedRules: readonly Rule[] = [',
  ...rules.map(id => `  ${camelCase(id)},`),
  ']',
])

const pages = findExports('src/policy/pages', 'RulePage')
write('src/policy/pages/listed-pages.ts', [
  "import type { RulePage } from './rule-page.js'",
  ...imports(pages),
  '',
  '/** The page of every rule, by the name of its file. */',
  'export const listedPages: readonly (readonly [id: string, page: RulePage])[] = [',
  ...pages.map(id => `  ['${id}', ${camelCase(id)}],`),
  ']',
])
