import { readFileSync } from 'node:fs'

/** Of the package, whose root is two folders above the compiled file's. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}
