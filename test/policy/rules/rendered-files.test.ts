import t from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { printSum } from '../../../src/atlas/directory/sum.js'
import { checksumMismatch } from '../../../src/policy/rules/checksum-mismatch.js'
import { checksumMissing } from '../../../src/policy/rules/checksum-missing.js'
import { contentFacts, readDirectory, specFacts } from './object-facts.js'

type Data = Readonly<Record<string, string>>

const table = 'CREATE TABLE t (id int);\n'
const quoted =
  'CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN RETURN NEW; END$$ LANGUAGE plpgsql;\n'

/** The files with the atlas.sum that was made for them. */
const hashed = (files: Data): Data => ({
  ...files,
  'atlas.sum': printSum(buildDirectory(files).sum()),
})

const evaluate = (data: Data) => checksumMismatch.evaluate(contentFacts(data))

/** What arrives after each value was changed. */
const each = (data: Data, change: (text: string) => string): Data =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, change(text)]))

/**
 * Flux's substitution of variables that are not set. Recorded with its own library
 * (fluxcd/pkg/envsubst v1.4.0): text, and what it makes of it.
 */
const substitutions: readonly (readonly [before: string, after: string])[] = [
  [quoted, quoted.replaceAll('$$', () => '$')],
  [
    'DO $$ BEGIN PERFORM f($1, $body$ x $body$); END $$;\n',
    'DO $ BEGIN PERFORM f($1, $body$ x $body$); END $;\n',
  ],
  ["SELECT '$${x}', $$a$$;\n", "SELECT '${x}', $a$;\n"],
  ["SELECT '$${x}';\n", "SELECT '${x}';\n"],
  ['SELECT $$$$;\n', 'SELECT $$;\n'],
]

void t.test('A substitution by Flux is proven, and nobody is told to hash again', async t => {
  for (const [before, after] of substitutions) {
    const finding = evaluate({
      ...hashed({ '1_t.sql': table, '2_f.sql': before }),
      '2_f.sql': after,
    })
    t.match(finding, {
      found: /2_f\.sql was edited: .* became .*Flux postBuild/,
      remedy: /^annotate it: kustomize\.toolkit\.fluxcd\.io\/substitute: disabled/,
      details: [
        'proven: with that undone in 2_f.sql, atlas.sum matches',
        /^the annotation goes on the ConfigMap .*do not hash again$/,
      ],
    })
    t.notMatch(JSON.stringify(finding), /atlas migrate hash/, after)
  }
})

void t.test('A variable that became nothing is a suspicion', async t => {
  const files = { '1_t.sql': table, '2_f.sql': quoted, '3_x.sql': "SELECT 'Hi ${name}';\n" }
  const blanked = { ...hashed(files), '3_x.sql': "SELECT 'Hi ';\n" }
  t.match(
    evaluate({ ...blanked, '2_f.sql': quoted.replaceAll('$$', () => '$') })?.details,
    [/^proven for 2_f\.sql/, /^the annotation/, /unset `\$\{x\}` into nothing/],
    'behind a file for which it is proven',
  )
  t.match(evaluate(blanked)?.remedy, /^restore the file/, 'nothing tells of Flux')
  const directory = { ...readDirectory(blanked), isSubstituted: true } as const
  const byFlux = checksumMismatch.evaluate(specFacts({}, { directory }))
  t.match(byFlux?.remedy, /^compare it with git; where git is right, annotate it/)
  t.match(byFlux?.details?.[1], /^Flux applies this object: /)
  const inline = { ...directory, source: 'local' } as const
  t.match(
    checksumMismatch.evaluate(specFacts({}, { directory: inline }))?.details?.[2],
    /on the AtlasMigration/,
  )
  const alone = hashed({ '1_f.sql': 'DO $$ BEGIN PERFORM ${x}; END $$;\n' })
  t.match(
    evaluate({ ...alone, '1_f.sql': 'DO $ BEGIN PERFORM ; END $;\n' })?.details?.[1],
    /^a `\$` stands alone in it/,
  )
  t.match(evaluate({ ...alone, '1_f.sql': "SELECT 'US$ 5', $1;\n" })?.remedy, /^restore the file/)
})

void t.test('Braces that Helm took for its own are a suspicion', async t => {
  const text = "INSERT INTO mails VALUES ('Hi {{ name }}');\n"
  const eaten = { ...hashed({ '1_m.sql': text }), '1_m.sql': text.replace('{{ name }}', '') }
  const directory = { ...readDirectory(eaten), isFromHelm: true } as const
  const finding = checksumMismatch.evaluate(specFacts({}, { directory }))
  t.match(finding?.remedy, /^compare it with git; where git is right, .*\.Files\.Get/)
  t.match(finding?.details?.[1], /^Helm renders this object: /)
  t.notMatch(JSON.stringify(finding), /atlas migrate hash/)
})

const files = hashed({ '1_t.sql': table, '2_f.sql': quoted })
const sum = files['atlas.sum'] ?? ''

/** What templates make of atlas.sum; each was tried with the real engine, which refuses it. */
const changedSums: readonly (readonly [title: string, sum: string, cause: RegExp])[] = [
  ['a blank line at the end', `${sum}\n`, /blank line/],
  ['a blank line between', sum.replace('\n', '\n\n'), /blank line/],
  ['folded', sum.trim().replaceAll('\n', ' '), /folded into one/],
  ['folded, with a final newline', `${sum.trim().replaceAll('\n', ' ')}\n`, /folded into one/],
  ['indented', sum.replaceAll(/^(?=.)/gm, '    '), /indented/],
  ['blanks at the ends', sum.replaceAll('\n', ' \n'), /blanks at their ends/],
  ['quoted', JSON.stringify(sum), /quoted/],
  [
    'indented, with a blank line',
    `\n${sum.replaceAll(/^(?=.)/gm, '  ')}`,
    /line breaks and blanks/,
  ],
]

void t.test('What a template did to atlas.sum is proven', async t => {
  for (const [title, text, cause] of changedSums) {
    const finding = evaluate({ ...files, 'atlas.sum': text })
    t.match(finding, { found: cause, remedy: /do not hash again$/ }, title)
    t.same(finding?.details, ['proven: with that undone, atlas.sum matches'], title)
  }
  const names = sum.replace('\n1_t.sql', '\n   1_t.sql').replace('\n2_f.sql', '\n\t2_f.sql')
  t.equal(evaluate({ ...files, 'atlas.sum': names }), null, 'indented names are fine')
  t.match(
    evaluate({ ...files, 'atlas.sum': sum.replace('h1:', 'h1:x') })?.remedy,
    /^resolve the merge/,
    'an edit is none of them',
  )
})

void t.test('A second cause stands behind the first', async t => {
  const finding = evaluate(each(files, text => `${text}\n`))
  t.match(finding?.found, /blank line/)
  t.match(finding?.details, [/adds up$/, /^also: 1_t\.sql and 2_f\.sql: its final newline/])
  const edited = evaluate({ ...files, '2_f.sql': 'x', 'atlas.sum': `${sum}\n` })
  t.match(edited?.details, [/adds up$/, /^a file differs, too: L3: 2_f\.sql was edited/])
})

void t.test('Base64 and prefixed keys are proven', async t => {
  const encoded = each(files, text => Buffer.from(text).toString('base64'))
  t.match(evaluate(encoded), { found: /base64/, remedy: /no b64enc/ })
  const rename = (isRenamed: (key: string) => boolean): Data =>
    Object.fromEntries(
      Object.entries(files).map(([key, text]) => [
        isRenamed(key) ? `migrations_${key}` : key,
        text,
      ]),
    )
  const prefixed = evaluate(rename(key => key.endsWith('.sql')))
  t.match(prefixed, { found: /have migrations_ in front/, remedy: /^name the keys without/ })
  const all = checksumMissing.evaluate(contentFacts(rename(() => true)))
  t.match(all, { found: /checksum file not found.*migrations_/, remedy: /do not hash again$/ })
})

void t.test('Blank lines and indents that a template puts into a file are proven', async t => {
  const indented = { ...files, '2_f.sql': `  ${quoted}` }
  t.match(evaluate(indented)?.found, /lines were indented/)
  t.match(evaluate({ ...files, '1_t.sql': `\n${table}` })?.found, /blank line was put before it/)
})
