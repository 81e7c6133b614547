import { readFileSync } from 'node:fs'
import { packageFile } from './package-file.js'

/** The version of the package. */
export function readVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}
