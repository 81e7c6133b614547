import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { makeFolder, runProgram } from '../cli/program.js'
import { withSum } from '../review/fakes.js'

const formats = ['text', 'json', 'sarif', 'junit', 'github'] as const

/** Escape, an operating system command, C1's "control sequence introducer" and a right-to-left override. */
const steering = '\x1b]0;owned\x07\x1b[2J\x9b31m\u202e'

function migration(spec: object): string {
  return JSON.stringify({
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name: 'shop', namespace: 'shop' },
    spec: { url: 'sqlite://shop.db', ...spec },
  })
}

/** What a pull request of a stranger may bring along. */
function hostileFolder(t: Test): string {
  const key = `\n::error::1_${steering}##[error].sql`
  return makeFolder(t, {
    '::error::a.yaml':
      '::stop-commands::abc\n  ::add-mask::abc: {\n##[error]abc: {\n##vso[task.x]: {\n',
    '##[error]b.yaml': `${steering}: [\n::error::x: [\n`,
    [`##vso[c]${steering}.yaml`]: 'a: {\n',
    'migration.json': migration({ dir: { local: { [key]: '::error::x', '2.sql': 'x' } } }),
  })
}

/** A line that a runner takes for a command: `::` behind blanks, `##[` and `##vso[` anywhere. */
const command = /^[^\S\n]*::|##(?:vso)?\[/m
const control = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

void test('nothing in a repository is a command to the runner or to the terminal', async t => {
  const folder = hostileFolder(t)
  const environment = { GITHUB_ACTIONS: 'true' }
  for (const format of formats) {
    const { stdout, stderr } = await runProgram(
      t,
      ['check', '.', '--offline', '--format', format, '--format', `${format}=${format}.out`],
      { folder, environment, isCounted: false },
    )
    const written = readFileSync(join(folder, `${format}.out`), 'utf8')
    t.equal(stdout, written, 'files say the same')
    t.notMatch(stdout, control, format)
    t.notMatch(stderr, control)
    t.notMatch(stderr, command)
    if (format === 'github')
      for (const line of stdout.trimEnd().split('\n'))
        t.match(
          line,
          /^::(?:error|warning|notice) (?:file=[^:]*,)?title=[^:]*::|^atlas-admission: /,
        )
    else t.notMatch(stdout, command, format)
  }
})

void test('names of files in messages about wrong usage are no commands either', async t => {
  const names = ['::error::x', '##[error]x', `\n::error::x${steering}`]
  for (const name of names) {
    const { code, stderr } = await runProgram(t, ['check', name], { isCounted: false })
    t.equal(code, 2)
    t.notMatch(stderr, command)
    t.notMatch(stderr, control)
  }
})

void test('a dry run of consolidate shows the files of others without their escapes', async t => {
  const folder = makeFolder(t)
  const hostile = {
    '1_a.sql': `-- ${steering}\n::error::x\n`,
    'atlas.sum': `##[error]${steering}\n`,
  }
  for (const [name, files] of Object.entries({
    old: withSum({ '1_a.sql': 'x;' }),
    merged: hostile,
  })) {
    mkdirSync(join(folder, name))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text)
  }
  const { code, stdout, stderr } = await runProgram(
    t,
    ['consolidate', 'old', '--output', 'merged', '--offline', '--dry-run'],
    { folder, isCounted: false },
  )
  t.equal(code, 0)
  t.match(stdout, '-# #[error]', 'the lines that would go are shown')
  t.notMatch(stdout + stderr, control)
  t.notMatch(stdout + stderr, command)
})

void test('links that lead out of the folder are not followed, which is said once', async t => {
  const outside = makeFolder(t, { 'secret.yaml': 'secret: {\n', '1.sql': 'SELECT 1;\n' })
  const folder = makeFolder(t, {
    'migration.json': migration({ dir: { configMapRef: { name: 'x' } } }),
  })
  symlinkSync(join(outside, 'secret.yaml'), join(folder, 'a.yaml'))
  symlinkSync(outside, join(folder, 'b'))
  const { code, stdout } = await runProgram(t, ['check', '.', '--offline'], {
    folder,
    isCounted: false,
  })
  t.equal(code, 2)
  t.equal(stdout.split('leads out of the folder, as 1 more do').length, 2)
  t.notMatch(stdout, 'secret.yaml')
  const migrations = makeFolder(t)
  symlinkSync(join(outside, '1.sql'), join(migrations, '1.sql'))
  const refused = await runProgram(t, ['check', 'migration.json', '--dir', `x=${migrations}`], {
    folder,
    isCounted: false,
  })
  t.equal(refused.code, 2)
  t.match(refused.stderr, 'leads out of the folder')
})

void test('the links of a mounted ConfigMap are followed, and links to nothing are said', async t => {
  const folder = makeFolder(t)
  mkdirSync(join(folder, '..2026_01_01'))
  writeFileSync(join(folder, '..2026_01_01', 'm.json'), migration({}))
  symlinkSync('..2026_01_01', join(folder, '..data'))
  symlinkSync('..data/m.json', join(folder, 'm.json'))
  symlinkSync('nowhere', join(folder, 'n.json'))
  const { stdout } = await runProgram(t, ['check', '.', '--offline'], {
    folder,
    isCounted: false,
  })
  t.match(stdout, 'shop/shop')
  t.match(stdout, 'ENOENT')
})

void test('half of a surrogate pair in credentials is read as the operator reads it', async t => {
  const credentials = {
    scheme: 'postgres',
    user: '\ud800',
    password: '\udfff',
    host: '\ud800',
    database: '\ud800',
  }
  const folder = makeFolder(t, { 'm.json': migration({ url: '', credentials }) })
  const { code, stdout } = await runProgram(t, ['check', '.', '--offline'], {
    folder,
    isCounted: false,
  })
  t.equal(code, 1)
  t.notMatch(stdout, 'failed at it')
})
