/**
 * A file of the package, such as `package.json`. Its root is three folders above this module, compiled (dist/src/gate) as
 * well as bundled (dist/bundle/js).
 */
export function packageFile(path: string): URL {
  return new URL(`../../../${path}`, import.meta.url)
}
