/**
 * The URL of a file of the package, such as `package.json`. The package's root is three folders
 * above this module, both compiled (dist/src/gate) and bundled (dist/bundle/js).
 */
export function packageFile(path: string): URL {
  return new URL(`../../../${path}`, import.meta.url)
}
