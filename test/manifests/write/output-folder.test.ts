import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  OutputFolderError,
  readOutputFolder,
  writeOutputFolder,
} from '../../../src/manifests/write/output-folder.js'
import { makeFolder } from '../../cli/program.js'

const isSql = (name: string) => name.endsWith('.sql')

void t.test('a folder is written, replaced as a whole, and read again', async t => {
  const folder = makeFolder(t)
  const path = join(folder, 'out')
  t.equal(readOutputFolder(path, isSql), null)
  writeOutputFolder(path, new Map([['1.sql', 'a'], ['2.sql', 'b']])) // prettier-ignore
  writeOutputFolder(`${path}/`, new Map([['2.sql', 'c']]))
  t.strictSame(readOutputFolder(path, isSql), new Map([['2.sql', 'c']]))
  t.strictSame(readdirSync(folder), ['out'])
})

void t.test('behind a link, the folder is replaced and the link stays', async t => {
  const folder = makeFolder(t)
  mkdirSync(join(folder, 'real'))
  symlinkSync('real', join(folder, 'link'))
  writeOutputFolder(join(folder, 'link'), new Map([['1.sql', 'a']]))
  t.ok(lstatSync(join(folder, 'link')).isSymbolicLink())
  t.equal(readFileSync(join(folder, 'real/1.sql'), 'utf8'), 'a')
})

void t.test('a link that leads nowhere stays', async t => {
  const folder = makeFolder(t)
  symlinkSync('nowhere', join(folder, 'link'))
  t.throws(() => writeOutputFolder(join(folder, 'link'), new Map()), OutputFolderError)
  t.strictSame(readdirSync(folder), ['link'])
  t.ok(lstatSync(join(folder, 'link')).isSymbolicLink())
})

void t.test('what is not ours is named', async t => {
  const folder = makeFolder(t, { '1.sql': '', 'b.txt': '', 'a.txt': '' })
  t.throws(
    () => readOutputFolder(folder, isSql),
    new OutputFolderError(
      `${folder} also holds a.txt, which would be lost; name another folder, or move it away`,
    ),
  )
  const nested = makeFolder(t)
  mkdirSync(join(nested, '1.sql'))
  t.throws(() => readOutputFolder(nested, isSql), /also holds 1\.sql, which would be lost/)
})

void t.test('a failure leaves everything as it was', async t => {
  const folder = makeFolder(t)
  const path = join(folder, 'out')
  writeOutputFolder(path, new Map([['1.sql', 'a']]))
  const long = 'x'.repeat(300)
  t.throws(
    () => writeOutputFolder(path, new Map([['2.sql', 'b'], [long, 'c']])), // prettier-ignore
    new OutputFolderError(`cannot write the folder ${path}: ENAMETOOLONG; nothing has changed`),
  )
  t.strictSame(readdirSync(folder), ['out'])
  t.strictSame(readOutputFolder(path, isSql), new Map([['1.sql', 'a']]))
})

void t.test('where a file stands nothing is written', async t => {
  const folder = makeFolder(t)
  writeFileSync(join(folder, 'file'), '')
  t.throws(() => readOutputFolder(join(folder, 'file'), isSql), /it is a file, or below one/)
  t.throws(
    () => writeOutputFolder(join(folder, 'file/below'), new Map()),
    /it is a file, or below one/,
  )
  t.throws(
    () => writeOutputFolder(join(folder, 'none/below'), new Map()),
    /the folder around it, or what it links to, does not exist/,
  )
})
