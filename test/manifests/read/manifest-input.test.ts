import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { InputError, readManifestInput } from '../../../src/manifests/read/manifest-input.js'
import { whenChanged } from '../../../src/manifests/path-watch.js'
import { shownLine } from '../../../src/manifests/text/shown-line.js'

function makeFolder(t: Test, files: Readonly<Record<string, string | Buffer>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-admission-input-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

function configMap(name: string, value = 'x'): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: ${value}}\n`
}

async function read(paths: readonly string[], text = '') {
  return readManifestInput({ paths, namespace: 'shop', readStandardInput: async () => text })
}

void t.test('objects come path after path, and a folder by name', async t => {
  const folder = makeFolder(t, {
    'b.yaml': configMap('b'),
    'a.json': '[]',
    'c.txt': configMap('c'),
  })
  mkdirSync(join(folder, 'd'))
  writeFileSync(join(folder, 'd', 'd.yml'), configMap('d'))
  const input = await read(['-', folder, join(folder, 'c.txt')], configMap('in'))
  const names = input.objects.map(({ file, entry }) => [file, entry.object.metadata.name])
  t.strictSame(names, [
    ['-', 'in'],
    [join(folder, 'b.yaml'), 'b'],
    [join(folder, 'd', 'd.yml'), 'd'],
    [join(folder, 'c.txt'), 'c'],
  ])
  t.equal(input.objects[0]?.entry.object.metadata.namespace, 'shop')
  t.strictSame(input.problems, [])
})

void t.test('what is named twice is read once', async t => {
  const folder = makeFolder(t, { 'a.yaml': configMap('a') })
  const { objects, problems } = await read([folder, join(folder, 'a.yaml'), '-', '-'])
  t.strictSame([objects.length, problems], [1, []])
})

void t.test('broken YAML is named with its place and its line', async t => {
  const folder = makeFolder(t, { 'a.yaml': 'kind: ConfigMap\nmetadata: a: b\n' })
  const { problems, objects } = await read([folder])
  t.strictSame(objects, [])
  t.match(problems[0], { file: join(folder, 'a.yaml'), line: 2, text: 'metadata: a: b' })
})

void t.test('of two objects with one name the first counts', async t => {
  const { objects, problems } = await read(['-'], `${configMap('a')}---\n${configMap('a', 'z')}`)
  t.equal(objects.length, 1)
  t.match(problems, [
    {
      file: '-',
      line: 6,
      text: null,
      message: /^ConfigMap shop\/a is also in -:1:1; that one counts/,
    },
  ])
})

void t.test('a file in UTF-16 is a problem, not a file without objects', async t => {
  const folder = makeFolder(t, { 'a.yaml': Buffer.from(`\uFEFF${configMap('a')}`, 'utf16le') })
  const { problems } = await read([folder])
  t.match(problems, [
    { file: join(folder, 'a.yaml'), line: 1, message: /^this is no UTF-8 text/, text: null },
  ])
  t.equal(problems.length, 1)
})

void t.test('a ConfigMap that no API server takes is a problem; the largest is none', async t => {
  const mebibyte = 1024 * 1024
  const whole = configMap('a', 'x'.repeat(mebibyte))
  t.strictSame((await read(['-'], whole)).problems, [])
  const { problems } = await read(['-'], `${whole}binaryData: {b: eA==}\n`)
  t.match(problems, [
    { line: 1, message: /^ConfigMap shop\/a has 1048577 bytes, 1 more than an API server takes/ },
  ])
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n'
  t.strictSame((await read(['-'], secret)).problems, [])
})

void t.test('a path that cannot be read ends it; an entry of a folder does not', async t => {
  const folder = makeFolder(t, { 'a.yaml': configMap('a') })
  symlinkSync('nowhere', join(folder, 'b.yaml'))
  const { objects, problems } = await read([folder])
  t.equal(objects.length, 1)
  t.match(problems, [{ file: join(folder, 'b.yaml'), message: 'cannot be read (ENOENT)' }])
  const none = join(folder, 'none.yaml')
  await t.rejects(
    read([none]),
    new InputError(
      `cannot read ${none}: no such file; expected a file or folder of manifests, or - for standard input`,
    ),
  )
  await t.rejects(read([join(folder, 'a.yaml', 'b')]), { message: /: ENOTDIR; expected/ })
})

void t.test(
  'a file or folder without rights is said',
  { skip: process.getuid?.() === 0 },
  async t => {
    /* c8 ignore start - root may read everything */
    const folder = makeFolder(t, { 'a.yaml': configMap('a') })
    chmodSync(join(folder, 'a.yaml'), 0)
    await t.rejects(read([join(folder, 'a.yaml')]), { message: /no right to read it/ })
    /* c8 ignore stop */
  },
)

type Line = [text: string, line: number, shown: string | null]

const lines: readonly Line[] = [
  ['a\n\tb: [\u0007x\n', 2, ' b: [ x'],
  ['a\n', 2, null],
  ['a\n', 9, null],
  ['a\nkind: Secret\n', 1, null],
  ['{"kind":"Secret",\n"x":1', 2, null],
  ['x\nurl: postgres://u:p@h/d\n', 2, null],
  ['x\n  Password = [\n', 2, null],
  [`${'x'.repeat(200)}\n`, 1, 'x'.repeat(160)],
]

void t.test('a line is shown in its columns, unless it may hold a secret', async t => {
  for (const [text, line, shown] of lines)
    t.equal(shownLine(text, line), shown, JSON.stringify(text))
})

void t.test('a change is told once it rests, in files and in folders', async t => {
  const folder = makeFolder(t, { 'a.yaml': '1', '1.sql': '1' })
  const file = join(folder, 'a.yaml')
  const { signal } = new AbortController()
  for (const change of [
    () => writeFileSync(file, '22'),
    () => writeFileSync(join(folder, '1.sql'), '22'),
    () => rmSync(file),
    () => writeFileSync(file, '333'),
  ]) {
    const told = whenChanged([folder, file], { pollMs: 10, signal, written: [] })
    await sleep(30)
    change()
    await t.resolves(told)
  }
})

void t.test('without a change it waits until it is told to end', async t => {
  const controller = new AbortController()
  let ended = false
  const folder = makeFolder(t)
  const done = whenChanged([folder], {
    pollMs: 5,
    signal: controller.signal,
    written: [join(folder, 'out.json'), join(folder, 'out.sarif')],
  }).then(() => (ended = true))
  for (const name of ['out.json', 'out.sarif']) writeFileSync(join(folder, name), '{}')
  await sleep(50)
  t.equal(ended, false, 'what is written here is no change')
  controller.abort()
  await done
})
