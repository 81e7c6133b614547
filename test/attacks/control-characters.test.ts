import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { t, test } from 'tap'
import { buildDirectory } from '../../src/atlas/directory/directory.js'
import { computeSum, printSum } from '../../src/atlas/directory/sum.js'
import { reviewOf } from '../webhook/running-server.js'
import { startAttackedGate } from './harness/attacked-gate.js'

// Longer than tap's 30 s on a machine where many things run at once.
t.setTimeout(300_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=300000')

/** What a line server such as Redis would take for a command, percent-encoded so that the URL is a URL. */
const command = '%0D%0ACONFIG%20SET%20dir%20%2Ftmp%0D%0A'

const hostile: readonly (readonly [part: string, url: (port: number) => string])[] = [
  ['user', port => `postgres://u${command}:p@127.0.0.1:${port}/d?sslmode=disable`],
  ['password', port => `postgres://u:p${command}@127.0.0.1:${port}/d?sslmode=disable`],
  ['database', port => `postgres://u:p@127.0.0.1:${port}/d${command}?sslmode=disable`],
  ['options', port => `postgres://u:p@127.0.0.1:${port}/d?sslmode=disable&options=${command}`],
  [
    'search_path',
    port => `postgres://u:p@127.0.0.1:${port}/d?sslmode=disable&search_path=${command}`,
  ],
  ['user parameter', port => `postgres://127.0.0.1:${port}/d?sslmode=disable&user=u${command}`],
]

void test('No line break of a tenant reaches a socket, whatever part of the URL holds it', async t => {
  let connections = 0
  const server = createServer(socket => {
    connections += 1
    socket.on('error', () => undefined)
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  const { port } = server.address() as AddressInfo
  const gate = await startAttackedGate(t)
  const ask = (spec: Record<string, unknown>) => gate.post(reviewOf({ object: migrationOf(spec) }))
  for (const [part, url] of hostile) {
    const { response } = await ask({ url: url(port) })
    t.equal(response.allowed, true, part)
    t.match(response.warnings?.join(), /control character/, `${part}: is said`)
  }
  const { response } = await ask({
    url: `postgres://u:p@127.0.0.1:${port}/d?sslmode=disable`,
    revisionsSchema: 'a\r\nCONFIG SET dir /tmp\r\n',
  })
  t.match(response.warnings?.join(), /control character/, 'revisionsSchema: is said')
  t.equal(connections, 0)
  await ask({ url: `postgres://u:p@127.0.0.1:${port}/d?sslmode=disable` })
  t.equal(connections, 1, 'the server would have been asked')
})

const files = { '1_a.sql': 'SELECT 1;' }

function migrationOf(spec: Record<string, unknown>): unknown {
  return {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name: 'app', namespace: 'shop' },
    spec: {
      dir: { local: { ...files, 'atlas.sum': printSum(computeSum(buildDirectory(files).files)) } },
      ...spec,
    },
  }
}
