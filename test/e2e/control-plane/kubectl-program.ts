import { findOnPath } from '../programs/find-program.js'
import { runProgram } from '../programs/run-program.js'

/** The first minor version of 1.x whose diff, server-side apply, dry run and warnings are those of today. */
const oldestMinor = 28

/** The system's kubectl, unless it is older than what the tests expect (Debian 12 has 1.20). */
export async function findKubectl(): Promise<string | null> {
  const path = await findOnPath('kubectl')
  if (!path) return null
  const run = await runProgram(path, ['version', '--client', '--output=json'])
  const minor = /"gitVersion": *"v1\.(\d+)\./.exec(run.stdout)?.[1]
  return Number(minor) >= oldestMinor ? path : null
}
