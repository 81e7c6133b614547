import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import { exampleColumns, exampleDatabase } from '../../../src/cli/rules/example-state.js'
import { ruleMarkdown, rulesMarkdown } from '../../../src/cli/rules/rule-markdown.js'
import { printRules } from '../../../src/cli/rules/rules.js'
import { rulesCommand } from '../../../src/cli/rules/command.js'
import { UsageError } from '../../../src/cli/line/usage-error.js'
import { ruleIds, rules } from '../../../src/policy/rules/catalogue.js'
import { type ExampleTable, type RuleExample } from '../../../src/policy/pages/rule-page.js'
import { rulePages } from '../../../src/policy/pages/rule-pages.js'
import { matchTranscript, runProgram } from '../program.js'

function printed(argv: readonly string[], width = 100): string {
  const lines: string[] = []
  const output = {
    print: (text: string) => void lines.push(text),
    printExact: (text: string) => void lines.push(text),
    width,
    colors: false,
    closed: new Promise<void>(() => {}),
    isClosed: () => false,
  }
  t.equal(printRules(parseArguments(rulesCommand, argv, {}), output), 0)
  return `${lines.join('\n')}\n`
}

void t.test('the pages in docs/rules are what npm run docs makes', async t => {
  const folder = 'docs/rules'
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  t.strictSame(
    readdirSync(folder).sort(),
    ['README.md', ...ruleIds.map(id => `${id}.md`)].sort(),
    'one page for each rule, and the index',
  )
  t.equal(read('README.md'), rulesMarkdown(rules))
  for (const rule of rules)
    t.equal(read(`${rule.id}.md`), ruleMarkdown(rule, rulePages.get(rule.id)!))
})

void t.test('a page links to pages that exist', async t => {
  for (const [id, { steps, milder, notes }] of rulePages)
    for (const [, name, target] of [...steps, ...milder, ...notes]
      .join('\n')
      .matchAll(/\[([^\]]+)\]\(([^)]*)\)/g)) {
      t.ok(name && ruleIds.includes(name), `${id}: ${name}`)
      t.equal(target, `${name}.md`)
    }
})

/** The lines of some rules, so that a new rule changes no transcript. */
function linesOf(list: string, ids: readonly string[]): string {
  const entries = list.split(/\n(?=\S)/)
  return entries.filter(entry => ids.some(id => entry.startsWith(`${id} `))).join('\n')
}

void t.test('the catalogue and a page as a person sees them', async t => {
  const list = await runProgram(t, ['rules'])
  t.strictSame([list.code, list.stderr], [0, ''])
  for (const id of ruleIds) t.match(list.stdout, new RegExp(`^${id} `, 'm'))
  matchTranscript(t, 'rules', linesOf(list.stdout, ['directory-missing', 'multiple-directories']))
  const page = await runProgram(t, ['rules', 'revision-table-shared'])
  t.strictSame([page.code, page.stderr], [0, ''])
  matchTranscript(t, 'rules-revision-table-shared', page.stdout)
})

void t.test('prose fits the terminal, and what is to be copied stays whole', async t => {
  for (const width of [60, 80, 120]) {
    const wide = printed([], width)
      .split('\n')
      .filter(line => line.length > Math.max(width, 83))
    t.strictSame(wide, [], `the list in ${width} columns`)
    for (const id of ruleIds) {
      const lines = printed([id], width).split('\n')
      const prose = lines.filter(line => !line.startsWith('      ') && line.length > width)
      t.strictSame(prose, [], `${id} in ${width} columns`)
    }
  }
  t.match(printed(['file-never-runs'], 10), 'THE WAY OUT')
  t.match(printed([], 10), 'directory-missing')
})

void t.test('the same as JSON and Markdown', async t => {
  const list = JSON.parse(printed(['--format', 'json'])) as readonly { readonly id: string }[]
  t.strictSame(
    list.map(({ id }) => id),
    ruleIds,
  )
  const page = JSON.parse(printed(['url-invalid', '--format', 'json'])) as Record<string, unknown>
  t.strictSame(Object.keys(page), [
    'id',
    'title',
    'why',
    'severity',
    'evidence',
    'since',
    'example',
    'steps',
    'milder',
    'notes',
  ])
  t.equal(printed(['--format', 'markdown']), rulesMarkdown(rules))
  const rule = rules.find(({ id }) => id === 'url-invalid')!
  t.equal(
    printed(['url-invalid', '--format', 'markdown']),
    ruleMarkdown(rule, rulePages.get('url-invalid')!),
  )
})

void t.test('a rule that there is not', async t => {
  t.throws(
    () => printed(['url-invald']),
    new UsageError('no rule "url-invald"; did you mean url-invalid?'),
  )
  t.throws(
    () => printed(['applied']),
    new UsageError('no rule "applied"; did you mean applied-file-missing or applied-file-edited?'),
  )
  t.throws(
    () => printed(['Migrate-Down']),
    new UsageError(
      'no rule "Migrate-Down"; did you mean migrate-down-unsafe, migrate-down-predicted or migrate-down-intended?',
    ),
  )
  // A list of a dozen helps less than the one with titles.
  t.throws(() => printed(['file']), new UsageError('no rule "file"; see atlas-admission rules'))
  t.throws(
    () => printed(['xylophone']),
    new UsageError('no rule "xylophone"; see atlas-admission rules'),
  )
})

function example(parts: Partial<RuleExample>): RuleExample {
  return { situation: '', manifests: '', message: [], ...parts }
}

void t.test('directories and rows stand side by side, by version', async t => {
  const directories = { a: ['1_x.sql', '1_y.sql', '3.sql'], b: ['2_z.sql'] }
  const partial = { applied: 1, total: 2 }
  t.strictSame(
    exampleColumns(
      example({
        directories,
        edited: ['3.sql'],
        dirState: ['1_x.sql'],
        formerTable: { ran: [['1_x.sql']] },
        table: { ran: [['3.sql'], ['2_z.sql']], partial },
      }),
    ),
    [
      'ConfigMap a     ConfigMap b  dir-state  rows before  rows now',
      '1_x.sql                      1_x.sql    1',
      '1_y.sql',
      '                2_z.sql                              2',
      '3.sql (edited)                                       3 (1 of 2)',
    ],
  )
  t.strictSame(exampleColumns(example({})), [])
})

type DatabaseCase = [table: ExampleTable | undefined, sentences: string]

const databases: readonly DatabaseCase[] = [
  [undefined, ''],
  [{ ran: [['1.sql']] }, ''],
  [{ ran: [] }, 'The revisions table has no row.'],
  [
    { ran: null, notClean: 'found schema "x"', elsewhere: ['y'] },
    'The database has no revisions table. The database is not clean: found schema "x". The schema y has a revisions table with rows.',
  ],
  [
    { ran: [['a.sql', 'B.sql']], order: ['a', 'B'], locked: true },
    'The database returns the rows in the order a, B. Somebody holds the lock of `migrate apply`.',
  ],
  [
    { ran: null, failure: { kind: 'tls', message: 'no TLS' } },
    'The revisions table cannot be read: no TLS.',
  ],
]

void t.test('what else is to be known of the database', async t => {
  for (const [table, sentences] of databases)
    t.equal(exampleDatabase(example(table ? { table } : {})), sentences)
})
