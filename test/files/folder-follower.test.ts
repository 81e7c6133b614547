import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { watchFiles } from '../../src/files/file-watch.js'
import { FolderFollower, type NextLook } from '../../src/files/folder-follower.js'
import { buildTestServer, pass } from '../webhook/running-server.js'
import { until } from '../until.js'

function makeFolder(t: Test): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'followed-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const write = (folder: string, name: string) => writeFileSync(path.join(folder, name), '')

interface Followed {
  readonly follower: FolderFollower<void>
  /** Of every look that was begun, what ends it. */
  readonly begun: readonly (() => void)[]
  /** Looks that were told. */
  readonly told: () => number
}

/** Looks that last until the test ends them. */
function follow(t: Test, next: NextLook, timing: { pollMs: number; settleMs: number }): Followed {
  const begun: (() => void)[] = []
  let told = 0
  const follower = new FolderFollower<void>(next, {
    ...timing,
    look: () => new Promise(resolve => begun.push(resolve)),
    onLook: () => {
      told++
      return next
    },
  })
  t.teardown(() => follower.close())
  return { follower, begun, told: () => told }
}

void t.test('looks never overlap, and an event during one leads to another', async t => {
  const folder = makeFolder(t)
  const next = { folders: new Set([folder]), unsettled: false }
  const { follower, begun, told } = follow(t, next, { pollMs: 600_000, settleMs: 5 })
  write(folder, 'a')
  await until('a look', () => begun.length === 1)
  write(folder, 'b')
  await sleep(200)
  t.equal(begun.length, 1, 'the second one waits')
  begun[0]?.()
  await until('a second look', () => begun.length === 2)
  follower.close()
  begun[1]?.()
  await sleep(50)
  t.strictSame([begun.length, told()], [2, 1], 'nothing is told after the end')
})

void t.test('events without end do not keep it from looking', async t => {
  const folder = makeFolder(t)
  const next = { folders: new Set([folder]), unsettled: false }
  const { begun } = follow(t, next, { pollMs: 300, settleMs: 600_000 })
  const writing = setInterval(() => write(folder, 'a'), 5)
  t.teardown(() => clearInterval(writing))
  await until('a look', () => begun.length === 1)
})

void t.test('what is not at rest is looked at again soon', async t => {
  const next = { folders: new Set<string>(), unsettled: true }
  const { begun } = follow(t, next, { pollMs: 600_000, settleMs: 5 })
  await until('a look', () => begun.length === 1)
  begun[0]?.()
  await until('a second look', () => begun.length === 2)
})

void t.test('a folder that cannot be watched is said once, and watched when it can be', async t => {
  const folder = path.join(makeFolder(t), 'late')
  const { log, lines } = buildTestServer(() => pass)
  let looks = 0
  const onLook = async () => void looks++
  const watch = watchFiles({ files: [`${folder}/a`, `${folder}/b`], log, onLook, pollMs: 20 })
  t.teardown(() => watch.close())
  await until('some looks', () => looks > 3)
  t.equal(lines.length, 1)
  t.match(JSON.parse(lines[0]!), { folder, msg: 'folder is not watched, only polled' })
  mkdirSync(folder)
  const before = looks
  await until('some looks', () => looks > before + 3)
  t.equal(lines.length, 1)
})
