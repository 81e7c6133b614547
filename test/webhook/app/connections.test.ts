import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import t, { type Test } from 'tap'
import { Connections } from '../../../src/webhook/app/connections.js'

/** What a client reads that sends two calls at once, until the connection ends. */
async function sendTwo(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  new Connections({ max: 10, maxOfAddress: 10, unusedMs: 60_000 }).track(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined)
  const call = 'GET / HTTP/1.1\r\nHost: x\r\n'
  socket.write(`${call}\r\n${call}Connection: close\r\n\r\n`)
  let text = ''
  socket.setEncoding('utf8').on('data', chunk => (text += chunk))
  await once(socket, 'close')
  return text
}

void t.test(
  'a call that comes right behind a given answer is answered, before Node tells that it was sent',
  async t => {
    const text = await sendTwo(t, (_request, response) => response.end('answer'))
    t.equal(text.split('answer').length - 1, 2)
  },
)

void t.test('a second call before the answer ends the connection', async t => {
  const calls: string[] = []
  const text = await sendTwo(t, request => calls.push(String(request.url)))
  t.equal(text, '')
  t.equal(calls.length, 2, 'both were read, and the hook of the server answers none')
})
