import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import t from 'tap'
import { exitCodeOf } from '../../../src/cli/line/exit-code.js'
import { outputFailure } from '../../../src/cli/output/output-error.js'

const withCode = (code: string) => Object.assign(new Error(code), { code })

void t.test('a reader that is gone is no failure, a full disk is one', async t => {
  for (const code of ['EPIPE', 'EIO', 'ECONNRESET']) t.equal(outputFailure(withCode(code)), null)
  const failure = outputFailure(withCode('ENOSPC'))
  t.match(failure, { message: /^standard output cannot be written \(ENOSPC\)/ })
  t.equal(exitCodeOf(failure), 2)
})

void t.test(
  'half of an answer on a full disk does not count as one',
  { skip: !existsSync('/dev/full') && 'needs /dev/full' },
  async t => {
    for (const args of [['rules'], ['check', 'deploy/examples', '--offline']]) {
      const full = openSync('/dev/full', 'w')
      const { status, stderr } = spawnSync(process.execPath, ['dist/src/main.js', ...args], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      })
      closeSync(full)
      t.equal(status, 2)
      t.equal(
        stderr,
        'atlas-admission: standard output cannot be written (ENOSPC), so the answer is incomplete; send it to another place (ATLAS_ADMISSION_OUTPUT)\n',
      )
    }
  },
)
