import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listFolder } from './read/folder-listing.js'

export interface WatchOptions {
  readonly pollMs: number
  readonly signal: AbortSignal
  /** Files that this process writes itself, so that they are no change. */
  readonly written: readonly string[]
}

/**
 * Resolves when something in the paths differs from the state at the call, and has been at rest
 * since; never rejects. It polls instead of watching, because there are only a few files, and
 * network file systems report no changes. When the signal fires it resolves without a change.
 */
export async function whenChanged(
  paths: readonly string[],
  { pollMs, signal, written }: WatchOptions,
): Promise<void> {
  const own = new Set(written.map(file => resolve(file)))
  const before = await signatureOf(paths, own)
  let last = before
  while (!signal.aborted) {
    // Rejects only when the signal fires, which ends the loop.
    await sleep(pollMs, undefined, { signal }).catch(() => {})
    const now = await signatureOf(paths, own)
    // The paths are as at the last look, so whoever writes has finished.
    if (now !== before && now === last) return
    last = now
  }
}

/** A text that differs whenever a file in one of the paths was written, added or removed. */
async function signatureOf(paths: readonly string[], own: ReadonlySet<string>): Promise<string> {
  const parts = await Promise.all(paths.map(path => pathSignature(path, own).catch(() => 'gone')))
  return parts.join('\n')
}

async function pathSignature(path: string, own: ReadonlySet<string>): Promise<string> {
  const found = await stat(path)
  if (!found.isDirectory()) return fileSignature(found)
  // Manifests count in all folders below, migration files only in the folder itself.
  const { files } = await listFolder(path)
  const manifests = [...files].filter(([file]) => !own.has(resolve(file)))
  const others = (await readdir(path)).map(name => join(path, name))
  const entries = await Promise.all(
    others
      .filter(file => !files.has(file) && !own.has(resolve(file)))
      .map(file => stat(file).then(fileSignature, () => 'gone')),
  )
  return [...manifests.map(([file, { signature }]) => `${file} ${signature}`), ...entries].join(
    '\n',
  )
}

function fileSignature({ ino, size, mtimeMs, ctimeMs }: Awaited<ReturnType<typeof stat>>): string {
  return [ino, size, mtimeMs, ctimeMs].join(' ')
}
