import { runConformance, VectorsError } from './conformance.js'

/** `npm run conformance -- DIR`: 0 when every vector agrees, 1 when one does not, 2 when the folder cannot be used. */
function run(folder: string | undefined): number {
  if (folder === undefined) {
    process.stderr.write('conformance needs DIR: a folder of vectors\n')
    return 2
  }
  try {
    return runConformance(folder, line => void process.stdout.write(`${line}\n`))
  } catch (error) {
    if (!(error instanceof VectorsError)) throw error
    process.stderr.write(`${error.message} (${error.code})\n`)
    return 2
  }
}

process.exitCode = run(process.argv[2])
