import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { inExecutionOrder } from '../../../src/atlas/engine/execution-order.js'
import { compareBytewise } from '../../../src/atlas/text/go-string.js'
import type { MigrationFile } from '../../../src/atlas/directory/file.js'
import { traceLineage, type Lineage } from '../../../src/atlas/lineage/lineage.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'

function file(name: string, content = `SELECT '${name}';\n`): MigrationFile {
  const base = name.replace(/\.sql$/, '')
  const cut = base.indexOf('_')
  return {
    name,
    version: cut < 0 ? base : base.slice(0, cut),
    description: cut < 0 ? '' : base.slice(cut + 1),
    content,
    checkpoint: content.startsWith('-- atlas:checkpoint\n\n'),
    sumIgnored: content.startsWith('-- atlas:sum ignore\n'),
  }
}

function row(version: string, values: Partial<Revision> = {}): Revision {
  return {
    version,
    description: '',
    type: 2,
    applied: 1,
    total: 1,
    executedAt: '',
    error: '',
    errorStatement: '',
    hash: '',
    partialHashes: [],
    operatorVersion: 'Atlas CLI v1.2.3',
    ...values,
  }
}

/** What atlas.sum of the directory says for the file; checked against the engine by the histories. */
function sumOf(directory: readonly MigrationFile[], of: MigrationFile): string {
  const state = createHash('sha256')
  for (const { name, content, sumIgnored } of directory) {
    if (compareBytewise(name, of.name) > 0) break
    state.update(name)
    if (!sumIgnored) state.update(content)
  }
  return state.digest('base64')
}

const second = (order: number) =>
  `2026-01-02T${String(Math.floor(order / 3600)).padStart(2, '0')}:${String(Math.floor(order / 60) % 60).padStart(2, '0')}:${String(order % 60).padStart(2, '0')}Z`

/** A table written step by step: each file runs from the directory given with it. */
class Table {
  readonly rows: Revision[] = []

  run(directory: readonly MigrationFile[], ...files: readonly MigrationFile[]): this {
    for (const of of files) {
      this.add(of, { hash: sumOf(directory, of) })
    }
    return this
  }

  add({ version, description }: MigrationFile, values: Partial<Revision>): this {
    const executedAt = second(this.rows.length)
    this.rows.push(row(version, { description, executedAt, ...values }))
    return this
  }
}

const named = (...names: readonly string[]) => names.map(name => file(name))
const chainsOf = ({ chains }: Lineage) => chains.map(({ versions }) => versions.join(' '))
const causesOf = ({ unexplained }: Lineage) =>
  unexplained.map(({ version, possible, because }) =>
    because === null ? `${version} ${possible}` : `${version} ${possible} ${because}`,
  )

interface History {
  readonly name: string
  readonly files: readonly (readonly [string, string])[]
  readonly rows: readonly (readonly [string, string, number, number, number, string, string])[]
  readonly ranFrom: Readonly<Record<string, number>>
  readonly consolidated?: boolean
  readonly repaired?: readonly string[]
  readonly edited?: readonly string[]
  readonly before?: readonly (readonly [string, string])[]
}

const histories = JSON.parse(
  readFileSync(join(process.cwd(), 'test/fixtures/lineage/histories.json'), 'utf8'),
) as readonly History[]

function read(history: History): { files: MigrationFile[]; revisions: Revision[] } {
  const files = history.files.map(([name, content]) => file(name, content))
  const revisions = history.rows.map(
    ([version, description, type, applied, total, executedAt, hash]) =>
      row(version, { description, type, applied, total, executedAt, hash }),
  )
  return { files, revisions }
}

const untouched = histories.filter(({ edited, repaired }) => !edited && !repaired)

void t.test('every row the engine wrote is explained by the union of the directories', async t => {
  t.ok(untouched.length > 100, 'the fixture holds enough histories')
  for (const history of untouched) {
    const { rows, chains, unexplained } = traceLineage(read(history))
    t.strictSame(unexplained, [], history.name)
    t.equal(rows.length, history.rows.length)
    if (history.consolidated) continue
    for (const { versions } of chains) {
      const origins = new Set(versions.map(version => history.ranFrom[version]))
      t.equal(origins.size, 1, `${history.name}: no chain mixes two directories`)
    }
  }
})

void t.test('each edit of one applied file is found and named, and no other file is', async t => {
  for (const history of untouched) {
    const { files, revisions } = read(history)
    // Two rows of each history, spread evenly: a long history proves no more, only more slowly.
    const stride = Math.ceil(revisions.length / 2)
    const rows = revisions.filter(({ hash }, i) => hash !== '' && i % stride === 0)
    const accused = rows.map(({ version }) => {
      const union = files.map(other =>
        other.version === version ? { ...other, content: `${other.content}-- edited\n` } : other,
      )
      const { unexplained } = traceLineage({ files: union, revisions })
      return unexplained
        .filter(({ because }) => because === null)
        .map(accusation =>
          `${accusation.version} ${accusation.possible}`.replace('-or-repaired', ''),
        )
        .join(', ')
    })
    const expected = rows.map(({ version }) => `${version} edited`)
    t.strictSame(accused, expected, history.name)
  }
})

void t.test('a file that was edited half-way is named, whatever ran after the edit', async t => {
  const edited = histories.filter(history => history.edited)
  t.ok(edited.length > 5, 'the fixture holds enough histories')
  for (const history of edited) {
    const { unexplained } = traceLineage(read(history))
    const accused = unexplained.filter(({ because }) => because === null)
    t.strictSame(
      accused.map(({ version }) => version),
      history.edited,
      history.name,
    )
    const before = (history.before ?? []).map(([name, content]) => file(name, content))
    const proven = traceLineage({ ...read(history), others: [before] })
    t.strictSame(
      proven.unexplained.map(({ version, possible, ranAs }) => [version, possible, ranAs]),
      (history.edited ?? []).map(version => [version, 'edited', 0]),
      `${history.name}: with the old text only the edit is left`,
    )
  }
})

void t.test('a repaired file is not called edited, and nothing else is accused', async t => {
  const repaired = histories.filter(history => history.repaired)
  t.ok(repaired.length > 5, 'the fixture holds enough histories')
  for (const history of repaired) {
    for (const { version, possible, because } of traceLineage(read(history)).unexplained) {
      if (because !== null) continue
      t.equal(possible, 'edited-or-repaired', history.name)
      t.ok(history.repaired?.includes(version), `${history.name}: ${version} was repaired`)
    }
  }
})

void t.test('rows tell the directories apart', async t => {
  const schema = named('1_a.sql', '3_c.sql', '5_e.sql', '7_g.sql')
  const seed = named('2_b.sql', '4_d.sql', '6_f.sql')
  const union = [...schema, ...seed].sort((a, b) => compareBytewise(a.name, b.name))
  const [a, c, e, g] = schema as [MigrationFile, MigrationFile, MigrationFile, MigrationFile]
  const [b, d, f] = seed as [MigrationFile, MigrationFile, MigrationFile]
  const late = file('4_late.sql')
  const cases: [name: string, table: Table, files: readonly MigrationFile[], chains: string[]][] = [
    ['no rows', new Table(), union, []],
    ['one directory', new Table().run(schema, a, c, e, g), schema, ['1 3 5 7']],
    ['in turns', new Table().run(schema, a).run(seed, b, d).run(schema, c), union, ['1 3', '2 4']],
    [
      'one after the other',
      new Table().run(seed, b, d, f).run(schema, a, c, e, g),
      union,
      ['2 4 6', '1 3 5 7'],
    ],
    [
      'merged half-way: the row over both proves one directory',
      new Table().run(schema, a, c).run(seed, b, d).run(union, e, f, g),
      union,
      ['1 3 2 4 5 6 7'],
    ],
    [
      'a late file before all others is a chain of its own until a later row covers it',
      new Table().run([c, e], c, e).run([a, c, e], a),
      [a, c, e],
      ['3 5', '1'],
    ],
    [
      'and then was there all along',
      new Table().run([c, e], c, e).run([a, c, e, g], a, g),
      [a, c, e, g],
      ['3 5 1 7'],
    ],
    [
      'a directory that began twice, beside four others',
      new Table()
        .run(named('2_a.sql'), file('2_a.sql'))
        .run(named('4_b.sql'), file('4_b.sql'))
        .run(named('5_c.sql'), file('5_c.sql'))
        .run(named('6_d.sql'), file('6_d.sql'))
        .run(named('7_e.sql'), file('7_e.sql'))
        .run(named('1_late.sql', '2_a.sql'), file('1_late.sql'))
        .run(named('1_late.sql', '2_a.sql', '8_f.sql'), file('8_f.sql')),
      named('1_late.sql', '2_a.sql', '4_b.sql', '5_c.sql', '6_d.sql', '7_e.sql', '8_f.sql'),
      ['2 1 8', '4', '5', '6', '7'],
    ],
    [
      'late files between others',
      new Table().run([a, e], a, e).run([a, c, e], c).run([a, c, late, e], late),
      [a, c, late, e],
      ['1 5 3 4'],
    ],
    [
      'a late file that never ran',
      new Table().run([a, c], a, c).run([a, c, late, e], e).run([a, c, late, e, g], g),
      [a, c, late, e, g],
      ['1 3 5 7'],
    ],
    [
      'files that a checkpoint skipped, beside another directory',
      new Table().run([a, c, e], e).run(seed, b, d, f),
      union,
      ['5', '2 4 6'],
    ],
  ]
  for (const [name, { rows }, files, chains] of cases) {
    const lineage = traceLineage({ files, revisions: rows.toReversed() })
    t.strictSame(causesOf(lineage), [], name)
    t.strictSame(chainsOf(lineage), chains, name)
  }
})

void t.test('a row without a hash is a baseline, and the files it skipped are covered', async t => {
  const files = named('1.sql', '2.sql', '3.sql')
  const [, second, third] = files as [MigrationFile, MigrationFile, MigrationFile]
  const table = new Table().add(second, { type: 1, applied: 0, total: 0 }).run(files, third)
  const lineage = traceLineage({ files, revisions: table.rows })
  t.strictSame(lineage.rows, [
    { version: '2', state: 'baseline', chain: null, file: '2.sql' },
    { version: '3', state: 'chain', chain: 0, file: '3.sql' },
  ])
  t.strictSame(chainsOf(lineage), ['3'])
})

void t.test('what could explain a row', async t => {
  const old = named('1.sql', '2.sql', '3.sql', '4.sql', '5.sql')
  const [one, two, three, four, five] = old as [
    MigrationFile,
    MigrationFile,
    MigrationFile,
    MigrationFile,
    MigrationFile,
  ]
  const edited = file('2.sql', 'SELECT 22;\n')
  const edits = [one, edited, three, four, five]
  const noTransaction = file('2.sql', '-- atlas:txmode none\n\nSELECT 22;\n')
  const failed = { applied: 1, total: 2, error: 'pq: no', hash: sumOf(old, two) }
  const ran = (...files: readonly MigrationFile[]) => new Table().run(old, ...files)
  const renamed = [one, file('2_b.sql'), three]
  const cases: [name: string, table: Table, files: readonly MigrationFile[], causes: string[]][] = [
    ['the last row', ran(one, two), edits, ['2 edited']],
    [
      'the first row',
      ran(one, two),
      [file('1.sql', ''), two],
      ['1 edited', '2 later-than-an-edit 1.sql'],
    ],
    ['a renamed file', ran(one, two), renamed, ['2 edited']],
    [
      'rows before and after the edit',
      ran(one, two, three).run(edits, four, five),
      edits,
      ['2 edited', '3 later-than-an-edit 2.sql'],
    ],
    [
      'an edit that was made at once',
      ran(one, two).run(edits, three, four),
      edits,
      ['2 edited-or-repaired'],
    ],
    ['a partial row', ran(one).add(two, failed), edits, ['2 edited-or-repaired']],
    [
      'a file that can be half applied',
      ran(one, two),
      [one, noTransaction],
      ['2 edited-or-repaired'],
    ],
    [
      'a directory that begins with the edit',
      ran(one, two).run([file('1.sql', ''), two, three], three),
      [file('1.sql', ''), two, three],
      ['1 edited', '2 later-than-an-edit 1.sql'],
    ],
    [
      'a missing file',
      ran(one, two, three),
      [one, three],
      ['2 file-missing', '3 later-than-a-missing-file 2'],
    ],
    [
      'a missing file with a description',
      new Table().run([file('1_a.sql'), two], file('1_a.sql'), two),
      [two],
      ['1 file-missing', '2 later-than-a-missing-file 1'],
    ],
    [
      'a directory that was pruned, and went on',
      ran(one, two).run([two, three], three),
      [two, three],
      ['1 file-missing', '2 later-than-a-missing-file 1'],
    ],
    [
      'an edit before a missing file',
      ran(one, two, three, four),
      [one, edited, four],
      ['2 edited', '3 file-missing', '4 later-than-an-edit 2.sql'],
    ],
    [
      'one version twice, as an export can have it',
      ran(one, two)
        .add(two, { hash: strange('x') })
        .add(two, { hash: strange('y') }),
      old,
      ['2 edited', '2 edited'],
    ],
  ]
  for (const [name, { rows }, files, causes] of cases) {
    t.strictSame(causesOf(traceLineage({ files, revisions: rows })), causes, name)
  }
})

void t.test('the old text proves the edit, and explains the rows over it', async t => {
  const before = named('1.sql', '2.sql', '3.sql')
  const [one, two, three] = before as [MigrationFile, MigrationFile, MigrationFile]
  const edited = file('2.sql', '')
  const four = file('4.sql')
  const five = file('5.sql')
  const after = [one, edited, three, four, five]
  const table = new Table().run(before, one, two, three).run(after, four, five)
  const lineage = traceLineage({ files: after, revisions: table.rows, others: [[], before] })
  t.strictSame(lineage.unexplained, [
    { version: '2', file: '2.sql', possible: 'edited', because: null, ranAs: 1 },
  ])
  t.strictSame(lineage.rows[1], { version: '2', state: 'unexplained', chain: 0, file: '2.sql' })
  t.strictSame(chainsOf(lineage), ['1 3 4 5'])

  const partial = new Table().run(before, one).add(two, { total: 2, hash: sumOf(before, two) })
  const repair = traceLineage({ files: after, revisions: partial.rows, others: [before] })
  t.strictSame(causesOf(repair), ['2 edited-or-repaired'])

  const late = file('2_late.sql')
  const grown = [one, edited, late, three, four]
  const later = [one, file('1_later.sql'), edited, late, three, four]
  const rows = new Table().run(before, one, two, three).run(grown, four).rows
  const never = traceLineage({ files: later, revisions: rows, others: [before] })
  t.strictSame(causesOf(never), ['2 edited'], 'with a late file that never ran after the edit')
})

/** A hash that no directory of these tests has. */
function strange(name: string): string {
  const other = file(`${name}.sql`, name)
  return sumOf([other], other)
}

void t.test('what is no hash proves nothing, and a hash may have its h1:', async t => {
  const [one, two] = named('1.sql', '2.sql') as [MigrationFile, MigrationFile]
  for (const hash of ['manual', 'h1:init', 'h1:', 'h1:h1:', `${strange('x')}=`, 'A'.repeat(44)]) {
    const { rows } = new Table().run([one, two], one).add(two, { hash })
    t.equal(traceLineage({ files: [one, two], revisions: rows }).rows[1]?.state, 'baseline', hash)
  }
  const marked = new Table().add(one, { hash: `h1:${sumOf([one], one)}` }).rows
  t.strictSame(chainsOf(traceLineage({ files: [one], revisions: marked })), ['1'])
  const edited = traceLineage({ files: [file('1.sql', 'edited')], revisions: marked })
  t.strictSame(causesOf(edited), ['1 edited'], 'with its h1: a hash still proves an edit')
})

void t.test('rows of another directory are explained by it, and then are not missing', async t => {
  const schema = named('1.sql', '3.sql')
  const seed = named('2.sql', '4.sql')
  const [one, three] = schema as [MigrationFile, MigrationFile]
  const table = new Table()
    .run(schema, one)
    .run(seed, ...seed)
    .run(schema, three)
  const lineage = traceLineage({ files: schema, revisions: table.rows, others: [seed] })
  t.strictSame(causesOf(lineage), [])
  t.strictSame(chainsOf(lineage), ['1 3', '2 4'])
  t.strictSame(lineage.rows[1], { version: '2', state: 'chain', chain: 1, file: '2.sql' })

  const union = [...schema, ...seed].sort((a, b) => compareBytewise(a.name, b.name))
  const both = new Table()
    .run(schema, one)
    .run(seed, ...seed)
    .run(union, three).rows
  const merged = traceLineage({ files: schema, revisions: both, others: [seed, union] })
  t.strictSame(causesOf(merged), [])
  t.strictSame(chainsOf(merged), ['1 2 4 3'], 'a whole directory that holds two chains joins them')

  const pruned = new Table().run(union, ...union).add(file('5.sql'), { hash: strange('x') }).rows
  const gone = traceLineage({ files: [one, file('5.sql')], revisions: pruned, others: [union] })
  t.strictSame(causesOf(gone), ['5 edited'], 'texts that are only elsewhere have no present text')
})

void t.test('of two files with one version the one that ran is found', async t => {
  const files = named('1_a.sql', '1_b.sql', '1_c.sql')
  const [first, second, third] = files as [MigrationFile, MigrationFile, MigrationFile]
  const cases: [ran: MigrationFile, description: string][] = [
    [second, 'b'],
    [third, 'b'],
    [first, 'unknown'],
  ]
  for (const [ran, description] of cases) {
    const revisions = [row('1', { description, hash: sumOf([ran], ran) })]
    const lineage = traceLineage({ files, revisions })
    t.equal(lineage.rows[0]?.file, ran.name)
    t.strictSame(causesOf(lineage), [])
  }
})

void t.test('a file that ran later was there already when only that explains the row', async t => {
  // Skipped files that ran at last, out of order, between those of another directory.
  const skipped = named('11.sql', '13.sql', '15.sql', '17.sql', '19.sql', '21.sql')
  const foreign = named('12.sql', '14.sql', '16.sql', '18.sql', '20.sql', '22.sql')
  const start = file('10.sql')
  const last = file('30.sql')
  const next = file('31.sql')
  const own = [start, ...skipped, last, next]
  const union = [...own, ...foreign].sort((a, b) => compareBytewise(a.name, b.name))
  const table = new Table()
    .run(own, start, last)
    .run(foreign, ...foreign)
    .run(own, ...skipped, next)
  const lineage = traceLineage({ files: union, revisions: table.rows })
  t.strictSame(causesOf(lineage), [])
  t.strictSame(
    lineage.rows.filter(({ version }) => version === '30' || version === '31'),
    [
      { version: '30', state: 'chain', chain: 0, file: '30.sql' },
      { version: '31', state: 'chain', chain: 0, file: '31.sql' },
    ],
  )
})

void t.test('files that ran later can be of a chain that only then began', async t => {
  const skipped = named('11.sql', '13.sql', '15.sql', '17.sql', '19.sql', '21.sql')
  const foreign = named('12.sql', '14.sql', '16.sql', '18.sql', '20.sql', '22.sql')
  const first = named('25.sql', '26.sql')
  const last = file('30.sql')
  const own = [...skipped, ...first, last]
  const union = [...own, ...foreign].sort((a, b) => compareBytewise(a.name, b.name))
  const table = new Table()
    .run(first, ...first)
    .run(own, last)
    .run(foreign, ...foreign)
    .run(own, ...skipped)
  const lineage = traceLineage({ files: union, revisions: table.rows })
  t.strictSame(causesOf(lineage), [])
  t.strictSame(chainsOf(lineage), ['25 26 30 11 13 15 17 19 21', '12 14 16 18 20 22'])
})

void t.test('a table made to be hard is given up in time, and nobody is accused', async t => {
  const count = 2000
  const files = Array.from({ length: count }, (_, i) => file(`${1000 + i}.sql`, `SELECT ${i};`))
  const random = (i: number) => createHash('sha256').update(`${i}`).digest('base64')
  const alone = (of: MigrationFile) => sumOf([of], of)
  const scattered = (i: number) => second((i * 2743) % count)
  const cases: [name: string, revisions: Revision[], causes: string[]][] = [
    [
      'hashes of nothing, newest file first',
      files.map(({ version }, i) =>
        row(version, { hash: random(i), executedAt: second(count - i) }),
      ),
      ['undecided'],
    ],
    [
      'hashes of nothing in any order',
      files.map(({ version }, i) => row(version, { hash: random(i), executedAt: scattered(i) })),
      ['edited', 'later-than-an-edit'],
    ],
    ['as many directories as files', files.map(of => row(of.version, { hash: alone(of) })), []],
    [
      'every other row of a directory of its own',
      files.map((of, i) => row(of.version, { hash: i % 2 === 0 ? random(i) : alone(of) })),
      ['edited', 'later-than-an-edit'],
    ],
    [
      'one unexplained row over many files that never ran',
      [row('2999', { hash: random(1) })],
      ['undecided'],
    ],
  ]
  for (const [name, revisions, causes] of cases) {
    const started = performance.now()
    const { unexplained } = traceLineage({ files, revisions })
    const elapsed = performance.now() - started
    t.ok(elapsed < 10_000, `${name}: ${Math.round(elapsed)} ms`)
    t.strictSame([...new Set(unexplained.map(({ possible }) => possible))].sort(), causes, name)
  }
})

void t.test('rows are taken by executed_at as an instant, then by version', async t => {
  const cases: [name: string, rows: [version: string, executedAt: string][], order: string][] = [
    [
      'seconds',
      [
        ['2', '2026-01-02T03:04:06Z'],
        ['1', '2026-01-02T03:04:05Z'],
      ],
      '1 2',
    ],
    [
      'fractions of any length',
      [
        ['1', '2026-01-02T03:04:05.1Z'],
        ['2', '2026-01-02T03:04:05.09Z'],
      ],
      '2 1',
    ],
    [
      'no fraction',
      [
        ['1', '2026-01-02T03:04:05.0001Z'],
        ['2', '2026-01-02T03:04:05Z'],
      ],
      '2 1',
    ],
    [
      'zeros say nothing',
      [
        ['2', '2026-01-02T03:04:05.10Z'],
        ['1', '2026-01-02T03:04:05.1Z'],
      ],
      '1 2',
    ],
    [
      'offsets',
      [
        ['1', '2026-07-01T00:00:00+02:00'],
        ['2', '2026-06-30T21:59:59-00:00'],
      ],
      '2 1',
    ],
    [
      'negative offsets',
      [
        ['1', '2026-02-28T23:30:00-01:00'],
        ['2', '2026-03-01T00:00:00Z'],
      ],
      '2 1',
    ],
    [
      'the form of PostgreSQL',
      [
        ['1', '2026-01-02 03:04:06.5+00'],
        ['2', '2026-01-02 03:04:05+0000'],
      ],
      '2 1',
    ],
    [
      'minutes only',
      [
        ['1', '2026-01-02T03:05'],
        ['2', '2026-01-02T03:04Z'],
      ],
      '2 1',
    ],
    [
      'leap years',
      [
        ['1', '2024-03-01T00:00:00Z'],
        ['2', '2024-02-29T23:59:59Z'],
      ],
      '2 1',
    ],
    [
      'equal times',
      [
        ['b', '2026-01-02T03:04:05Z'],
        ['a', '2026-01-02T03:04:05Z'],
      ],
      'a b',
    ],
    [
      'no time first',
      [
        ['1', '2026-01-02T03:04:05Z'],
        ['3', ''],
        ['2', 'yesterday'],
      ],
      '2 3 1',
    ],
  ]
  for (const [name, rows, order] of cases) {
    const revisions = rows.map(([version, executedAt]) => row(version, { executedAt }))
    const versions = inExecutionOrder(revisions).map(({ version }) => version)
    t.equal(versions.join(' '), order, name)
  }
})
