import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ArrivingBodies, TICK_MS } from '../../../src/webhook/body/arriving-bodies.js'
import { readBody } from '../../../src/webhook/body/body-reader.js'
import { BlockPool, StoredBody } from '../../../src/webhook/body/body-store.js'
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

void t.test('the blocks of a body are used again, and hold the next body alone', async t => {
  const pool = new BlockPool(32 * 1024)
  const desk = Buffer.alloc(100_000)
  const hold = (text: string, chunk: number) => {
    const body = new StoredBody(pool)
    for (let from = 0; from < text.length; from += chunk)
      body.append(Buffer.from(text.slice(from, from + chunk)))
    return body
  }
  const long = 'abcdefg'.repeat(10_000)
  for (const chunk of [70_000, 16_384, 1000]) {
    const first = hold(long, chunk)
    const second = hold('short', 2)
    t.equal(first.copyTo(desk).toString(), long)
    t.equal(second.copyTo(desk).toString(), 'short')
    first.free()
    second.free()
    t.equal(first.length, 0)
  }
})

void t.test('where there is no room, bodies wait, and one is always read', async t => {
  const arriving = new ArrivingBodies(100)
  const reading = new Map<string, boolean>()
  const gone: string[] = []
  const open = (name: string, address: string) => {
    reading.set(name, true)
    return arriving.open(address, {
      setReading: isReading => reading.set(name, isReading),
      giveUp: ({ code }) => gone.push(`${name} ${code}`),
    })
  }
  const readers = () => [...reading].flatMap(([name, isReading]) => (isReading ? [name] : []))
  const alone = open('alone', 'a')
  alone.add(200)
  t.strictSame(readers(), ['alone'], 'one alone is read, however large')
  const second = open('second', 'a')
  const other = open('other', 'b')
  t.strictSame(readers(), ['other'], 'the address that has sent the least goes on')
  other.tick()
  other.add(1)
  other.tick()
  t.strictSame(gone, [], 'it sends')
  other.tick()
  t.strictSame(gone, ['other ATLAS_ADMISSION_OVERLOADED'], 'who is silent makes room')
  reading.delete('other')
  t.strictSame(readers(), ['alone'], 'the oldest of one address goes on')
  for (let ticks = 0; ticks < 19; ticks++) second.tick()
  t.equal(gone.length, 1)
  second.tick()
  t.equal(gone[1], 'second ATLAS_ADMISSION_OVERLOADED', 'nobody waits for ever')
  reading.delete('second')
  alone.complete()
  reading.delete('alone')
  const next = open('next', 'a')
  t.strictSame(readers(), [], 'what is complete will be parsed: all wait for that')
  alone.close()
  alone.close()
  t.strictSame(readers(), ['next'], 'there is room again')
  for (let ticks = 0; ticks < 30; ticks++) next.tick()
  t.equal(gone.length, 2, 'nobody needs the room of who is silent')
})

/** A request whose body comes as it is written. */
function fakeRequest(): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers: {}, socket: {} }) as never
}

void t.test('a body is not late while this server does not read it', async t => {
  const arriving = new ArrivingBodies(100)
  const parts = { arriving, pool: new BlockPool(0), timing: { graceMs: 0, bytesPerSecond: 1 } }
  const full = arriving.open('a', { setReading: () => {}, giveUp: () => {} })
  full.add(200)
  full.complete()
  const request = fakeRequest()
  request.write('x')
  const received = readBody(request, parts)
  await sleep(4 * TICK_MS)
  t.equal(arriving.open('a', { setReading: () => {}, giveUp: () => {} }).close(), undefined)
  full.close()
  request.end()
  const { stored, close } = await received
  t.equal(stored.length, 1)
  close()
  const slow = fakeRequest()
  slow.write('')
  const refused = readBody(slow, parts)
  await t.rejects(refused, { code: 'ATLAS_ADMISSION_BODY_SLOW', status: 503 })
})
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
      const response = Object.assign(new EventEmitter(), { writableEnded: false, closed: false })
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
    const answered = connect('d')
    const response = use(answered)
    const waiting = connect('d')
    use(waiting).emit('close')
    connections.retire()
    t.ok(waiting.destroyed, 'who waits is closed at once')
    t.notOk(answered.destroyed, 'a call is answered first')
    response.emit('close')
    t.ok(answered.destroyed)
    await new Promise(resolve => setImmediate(resolve))
    const idle = [connect('c'), connect('c'), connect('c')]
    for (const socket of idle) use(socket)
    t.ok(connections.cut() > 0)
  },
)
