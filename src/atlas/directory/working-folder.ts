// The operator writes the files into `$WD/migrations`, joining folder and key lexically. `$WD` is a
// fresh folder below the system's folder for temporary files (atlasexec v1.2.3, WorkingDir.CopyFS).

/** Longest name of a file or folder on Linux's file systems, in bytes (NAME_MAX). */
const longestName = 255

const temporary = 'tmp'
const working = '$WD'
const migrations = 'migrations'

/** Folders that exist when the operator writes, as absolute paths. */
const existing: ReadonlySet<string> = new Set(
  [[], [temporary], [temporary, working], [temporary, working, migrations]].map(absolute),
)

/** Name under which a key lies in the folder of migrations; null when it ends up elsewhere. */
export function landingName(key: string): string | null {
  // Nearly every key is a plain name, and each is looked at for every review.
  if (isPlain(key)) return key
  const path = joined(key)
  const name = path.pop()!
  return absolute(path) === absolute([temporary, working, migrations]) ? name : null
}

/** Why writing a key fails, in Go's words with `$WD` for the folder; null when it works. */
export function writeError(key: string): string | null {
  if (isPlain(key) && Buffer.byteLength(key) <= longestName && !key.includes('\0')) return null
  const path = joined(key)
  if (key.includes('\0')) return openError(path, 'invalid argument')
  const missing = path.findIndex(
    (_, i) => i < path.length - 1 && !existing.has(absolute(path.slice(0, i + 1))),
  )
  const long = path.findIndex(name => Buffer.byteLength(name) > longestName)
  if (long !== -1 && (missing === -1 || long <= missing))
    return openError(path, 'file name too long')
  return missing === -1 ? null : openError(path, 'no such file or directory')
}

/** A name in the folder itself; one that ends in `.sql` is never `.` or `..`. */
function isPlain(key: string): boolean {
  return !key.includes('/') && key.endsWith('.sql')
}

function joined(key: string): string[] {
  const path = [temporary, working, migrations]
  for (const part of key.split('/')) {
    if (part === '..') path.pop()
    else if (part !== '' && part !== '.') path.push(part)
  }
  return path
}

function absolute(path: readonly string[]): string {
  return '/' + path.join('/')
}

function openError(path: readonly string[], problem: string): string {
  return `open ${absolute(path).replace(`/${temporary}/${working}`, () => working)}: ${problem}`
}
