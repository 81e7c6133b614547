import type { Test } from 'tap'
import { reviewOf } from '../webhook/running-server.js'
import { type Run, type RunOptions, startProgram } from './program.js'

export interface Addresses {
  readonly url: string
  /** Missing with `--metrics-listen=off`. */
  readonly metricsUrl?: string
}

export interface Serving extends Run, Addresses {}

/** Starts `serve` on a free port, and waits until it serves. */
export async function startServing(
  t: Test,
  args: readonly string[],
  options?: RunOptions,
): Promise<Serving> {
  const run = startProgram(t, ['serve', '--listen=127.0.0.1:0', ...args], options)
  return { ...run, ...(await servingAt(run)) }
}

/** Where a server says that it serves, once it does. */
export async function servingAt(run: Run): Promise<Addresses> {
  await run.until('"msg":"serving"')
  const lines = run.stdout().split('\n')
  return JSON.parse(String(lines.find(line => line.includes('"msg":"serving"')))) as Addresses
}

/** A directory whose atlas.sum is that of no file. */
export const staleFiles = {
  '1.sql': 'CREATE TABLE t (id int);\n',
  'atlas.sum': 'h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n',
}

/** A review that is denied for it, where an AtlasMigration uses the ConfigMap `shop/files`. */
export const staleReview = reviewOf({
  kind: { group: '', version: 'v1', kind: 'ConfigMap' },
  namespace: 'shop',
  name: 'files',
  object: { metadata: { namespace: 'shop', name: 'files' }, data: staleFiles },
})
