import t from 'tap'
import { reviewingAfterSync } from '../../src/gate/after-sync.js'
import { skipped } from '../../src/review/verdict/answer.js'
import { migration, request, unhurriedDeadline } from '../review/fakes.js'

const answer = { ...skipped, verdict: 'pass' } as const

/** A cluster that is known from the moment `sync` is called. */
function watched() {
  let synced = false
  let sync!: () => void
  const reached = new Promise<void>(resolve => {
    sync = () => {
      synced = true
      resolve()
    }
  })
  return { watch: { synced: () => synced, whenSynced: () => reached }, sync: () => sync() }
}

const written = request({ kind: 'AtlasMigration', object: migration('shop', {}) })
const going = { ...written, operation: 'DELETE' as const, object: null }

void t.test('a review begins when the cluster is known', async t => {
  const { watch, sync } = watched()
  const begun: string[] = []
  const reviewer = {
    review(asked: typeof written) {
      begun.push(asked.operation)
      return Promise.resolve(answer)
    },
  }
  const waiting = reviewingAfterSync(reviewer, { watch, unjudged: skipped })
  const answered = waiting.review(written, unhurriedDeadline())
  t.equal(await waiting.review(going, unhurriedDeadline()), skipped, 'a deletion does not wait')
  t.strictSame(begun, [])
  sync()
  t.equal(await answered, answer)
  t.equal(await waiting.review(going, unhurriedDeadline()), answer, 'nor is it left out later')
  t.strictSame(begun, [written.operation, 'DELETE'])
})

void t.test('a cluster that is not known in time is named', async t => {
  const unread = new Error('AtlasMigrations cannot be listed')
  const watch = { synced: () => false, whenSynced: () => Promise.reject(unread) }
  const reviewer = { review: () => t.fail('it was reviewed') as never }
  const waiting = reviewingAfterSync(reviewer, { watch, unjudged: skipped })
  await t.rejects(waiting.review(written, unhurriedDeadline()), unread)
})
