import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  MigrationFolderError,
  readMigrationFolder,
} from '../../../src/manifests/read/migration-folder.js'

function makeFolder(t: Test, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-admission-folder-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

void t.test('a folder becomes the data of a ConfigMap, byte for byte', async t => {
  const folder = makeFolder(t, {
    '2_b.sql': '\uFEFFselect 2;\r\n',
    '1_a.sql': 'select \u00e9;',
    'atlas.sum': 'h1:x\n',
    'README.md': 'read me',
    '3.SQL': 'never read',
    __proto__x: '',
  })
  mkdirSync(join(folder, 'old.sql'))
  const { data, ignored } = await readMigrationFolder(folder)
  t.strictSame(Object.entries(data), [
    ['1_a.sql', 'select \u00e9;'],
    ['2_b.sql', '\uFEFFselect 2;\r\n'],
    ['atlas.sum', 'h1:x\n'],
  ])
  t.strictSame(ignored, ['3.SQL', 'README.md', '__proto__x', 'old.sql'])
})

void t.test('bytes that are no UTF-8 are named by their file', async t => {
  const folder = makeFolder(t, { '1.sql': Buffer.from([0x73, 0xff]) })
  await t.rejects(
    readMigrationFolder(folder),
    new MigrationFolderError(
      `${join(folder, '1.sql')}: expected UTF-8, found other bytes; the operator would never see the file: save it as UTF-8`,
    ),
  )
})

void t.test('what is no folder is said', async t => {
  const folder = makeFolder(t, { file: '' })
  const file = join(folder, 'file')
  await t.rejects(readMigrationFolder(join(folder, 'none')), {
    message: /: nothing there; expected/,
  })
  await t.rejects(readMigrationFolder(file), { message: /: it is a file; expected a folder/ })
  await t.rejects(readMigrationFolder('x'.repeat(300)), { message: /: ENAMETOOLONG; / })
})
