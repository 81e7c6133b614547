import t from 'tap'
import { CodedError } from '../../src/review/ports/coded-error.js'
import { describeError } from '../../src/webhook/errors/error-description.js'
import { buildLogger } from '../../src/webhook/logger.js'

class OwnError extends CodedError {
  override readonly code = 'ATLAS_ADMISSION_OWN'
}

const secret = 's3cret'
const text = `cannot reach postgres://app:${secret}@db\n    at Object.<anonymous> (/${secret}/x.js:1:2)`

function lined(write: (log: ReturnType<typeof buildLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = []
  write(buildLogger({ level: 'info' }, { write: (line: string) => void lines.push(line) }))
  return lines.map(line => JSON.parse(line) as Record<string, unknown>)
}

type Case = [title: string, write: (log: ReturnType<typeof buildLogger>) => void, msg: string]

const error = Object.assign(
  new RangeError(text, { cause: new OwnError('the way out', { cause: text }) }),
  {
    code: 'ECONNREFUSED',
  },
)
const cases: Case[] = [
  ['an error alone', log => log.error(error), 'error'],
  ['an error and a message', log => log.error(error, 'said'), 'said'],
  ['err alone', log => log.error({ err: error }), 'error'],
  ['err and a message', log => log.error({ err: error }, 'said'), 'said'],
  ['a child', log => log.child({ a: 1 }).error(error), 'error'],
]

for (const [title, write, msg] of cases) {
  void t.test(`${title} is logged by class, code and place, never by message`, t => {
    const [line] = lined(write)
    t.match(line, {
      level: 'error',
      msg,
      err: {
        type: 'RangeError',
        code: 'ECONNREFUSED',
        cause: { type: 'OwnError', message: 'the way out', cause: { type: 'string' } },
      },
    })
    t.notMatch(JSON.stringify(line), secret)
    const { frames } = (line as { err: { frames: string[] } }).err
    t.match(frames[0], /^at .*logger\.test\.[jt]s:\d+:\d+/)
    t.end()
  })
}

void t.test('a field named error is described as well', t => {
  const [line] = lined(log => log.warn({ error }, 'said'))
  t.match(line, { msg: 'said', error: { type: 'RangeError' } })
  t.notMatch(JSON.stringify(line), secret)
  t.end()
})

void t.test('lines without an error stay as they are', t => {
  const lines = lined(log => {
    log.info('one %s', 'two')
    log.info({ a: 1 }, 'three')
    log.info({ a: 2 })
    log.info(null, 'four')
    log.debug('not at this level')
  })
  t.match(lines, [{ msg: 'one two' }, { a: 1, msg: 'three' }, { a: 2 }, { msg: 'four' }])
  t.equal(lines.length, 4)
  t.equal(lines[2]?.msg, undefined)
  t.strictSame(Object.keys(lines[0] as object), ['level', 'time', 'msg'])
  t.end()
})

void t.test('standard output is the default destination', t => {
  t.equal(buildLogger({ level: 'silent' }).level, 'silent')
  t.end()
})

void t.test('an error is described without trusting its fields', t => {
  const changed = new Error(text)
  t.match(changed.stack, secret)
  changed.message = 'harmless'
  t.strictSame(describeError(changed), { type: 'Error' }, 'its stack still holds the old message')
  const bare = new Error('x')
  delete bare.stack
  t.strictSame(describeError(bare), { type: 'Error' })
  t.equal(describeError(Object.assign(new Error('x'), { code: secret })).code, undefined)
  t.equal(describeError(Object.assign(new Error('x'), { code: 7 })).code, undefined)
  t.strictSame(describeError(null), { type: 'object' })
  const loop = new Error('x')
  loop.cause = loop
  t.equal(JSON.stringify(describeError(loop)).match(/"type"/g)?.length, 5, 'a ring of causes ends')
  t.end()
})
