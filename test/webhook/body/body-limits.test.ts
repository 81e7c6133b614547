import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { Socket } from 'node:net'
import t from 'tap'
import { ArrivingBodies } from '../../../src/webhook/body/arriving-bodies.js'
import { Connections } from '../../../src/webhook/app/connections.js'
import { measureJson } from '../../../src/webhook/body/json-size.js'
import { readHead } from '../../../src/webhook/body/oversized-head.js'
import { ReviewMemory } from '../../../src/webhook/body/review-memory.js'

void t.test(
  'the size of a JSON text is told from its bytes, whatever its strings hold',
  async t => {
    const text = JSON.stringify({ a: [1, { b: 'x,{["\\' }], c: {} })
    t.strictSame(measureJson(Buffer.from(text)), { values: 7, depth: 3 })
    t.strictSame(measureJson(Buffer.from('"never ends')), { values: 1, depth: 0 })
  },
)

void t.test('the head of a review is what stands before its objects', async t => {
  const head = (text: string) => readHead(Buffer.from(text))
  t.strictSame(head('{"request":{"uid":"u","object":{"data"'), {
    request: { uid: 'u', object: {} },
  })
  t.equal(head('{"request":{"uid":"u"}}'), null, 'no object')
  t.equal(head('[,"object":'), null, 'no JSON')
})

void t.test(
  'who has sent the most makes room, its oldest body first; one alone is always taken',
  async t => {
    const arriving = new ArrivingBodies(100)
    const gone: string[] = []
    const open = (name: string, address: string) => arriving.open(address, () => gone.push(name))
    const alone = open('alone', 'a')
    alone.add(200)
    t.strictSame(gone, [])
    alone.close()
    alone.close()
    const done = open('done', 'a')
    done.add(30)
    done.complete()
    const old = open('old', 'a')
    old.add(30)
    open('young', 'a').add(20)
    const other = open('other', 'b')
    other.add(20)
    t.strictSame(gone, [], 'all fit')
    other.add(10)
    t.strictSame(gone, ['old'])
    other.add(40)
    t.strictSame(gone, ['old', 'other'], 'now the other address has sent the most')
    const third = open('third', 'c')
    third.add(40)
    third.complete()
    third.add(60)
    t.strictSame(gone, ['old', 'other', 'young'], 'what is complete is not given up')
  },
)

void t.test('reviews begin as far as memory goes, the addresses in turn', async t => {
  const memory = new ReviewMemory({ maxBytes: 100, maxBytesOfAddress: 60, maxWaitMs: 1000 })
  const begun: string[] = []
  const take = async (name: string, address: string, bytes: number) => {
    const release = await memory.take(address, bytes)
    begun.push(name)
    return release
  }
  const first = await take('a1', 'a', 60)
  const waiting = take('a2', 'a', 60)
  const other = await take('b1', 'b', 40)
  const later = take('b2', 'b', 60)
  t.strictSame(begun, ['a1', 'b1'])
  first()
  const release = await waiting
  t.strictSame(begun, ['a1', 'b1', 'a2'], 'the address that has less goes first')
  other()
  release()
  const last = await later
  last()
})

void t.test('who waits too long for memory is told to come again', async t => {
  const memory = new ReviewMemory({ maxBytes: 100, maxBytesOfAddress: 60, maxWaitMs: 5 })
  const release = await memory.take('a', 500)
  await t.rejects(memory.take('b', 1), { code: 'ATLAS_ADMISSION_OVERLOADED' })
  release()
  await t.resolves(memory.take('b', 1))
})

function fakeSocket(remoteAddress: string | undefined, remotePort: number): Socket {
  return Object.defineProperties(new Socket(), {
    remoteAddress: { value: remoteAddress },
    remotePort: { value: remotePort },
  })
}

void t.test(
  'of too many connections the unused ones go first, of the address that has most',
  async t => {
    const server = new EventEmitter()
    const connections = new Connections({ max: 4, maxOfAddress: 3, unusedMs: 60_000 })
    connections.track(server as Server)
    let port = 0
    const connect = (address?: string) => {
      const socket = fakeSocket(address, ++port)
      server.emit('connection', socket)
      return socket
    }
    const use = (socket: Socket) => {
      const response = new EventEmitter()
      server.emit('request', { socket }, response)
      return response
    }
    t.ok(connect().destroyed, 'a connection that is gone')
    server.emit('request', { socket: fakeSocket('x', 99) }, new EventEmitter())
    const good = connect('api')
    use(good).emit('close')
    const busy = connect('a')
    use(busy)
    const unused = [connect('a'), connect('a')]
    connect('a')
    t.strictSame([unused[0]!.destroyed, good.destroyed, busy.destroyed], [true, false, false])
    await new Promise(resolve => setImmediate(resolve))
    connect('b')
    t.ok(unused[1]!.destroyed, 'too many in all')
    use(busy)
    t.ok(busy.destroyed, 'a call before the answer of the last one')
    await new Promise(resolve => setImmediate(resolve))
    const idle = [connect('c'), connect('c'), connect('c')]
    for (const socket of idle) use(socket)
    t.ok(connections.cut() > 0)
  },
)
