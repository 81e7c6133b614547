import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { listFolder } from './folder-listing.js'

/**
 * Resolves when something in the paths is other than it was at the call, and has rested since; never rejects. By
 * looking, not by a watch: a few files, and network file systems tell nothing. Ends without a change when the
 * signal fires.
 */
export async function whenChanged(
  paths: readonly string[],
  { pollMs, signal }: { readonly pollMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const before = await signatureOf(paths)
  let last = before
  while (!signal.aborted) {
    await rest(pollMs, signal)
    const now = await signatureOf(paths)
    // Equal to the look before: whoever writes has come to an end.
    if (now !== before && now === last) return
    last = now
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

/** Differs whenever a file in one of the paths was written, came or went. */
async function signatureOf(paths: readonly string[]): Promise<string> {
  const parts = await Promise.all(paths.map(path => pathSignature(path).catch(() => 'gone')))
  return parts.join('\n')
}

async function pathSignature(path: string): Promise<string> {
  const found = await stat(path)
  if (!found.isDirectory()) return fileSignature(found)
  // Manifests count in all folders below, migration files only in the folder itself.
  const { files } = await listFolder(path)
  const entries = await Promise.all(
    (await readdir(path)).map(name => stat(join(path, name)).then(fileSignature, () => 'gone')),
  )
  return [...[...files].map(([file, { signature }]) => `${file} ${signature}`), ...entries].join(
    '\n',
  )
}

function fileSignature({ ino, size, mtimeMs, ctimeMs }: Awaited<ReturnType<typeof stat>>): string {
  return [ino, size, mtimeMs, ctimeMs].join(' ')
}
