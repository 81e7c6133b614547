import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { leadsOutOf } from '../text/links.js'

/** A file of manifests in a folder. */
export interface ListedFile {
  /** Changes whenever the file is written or replaced, or its link points elsewhere. */
  readonly signature: string
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
  readonly size: number
}

export interface FolderListing {
  /** By path, starting with the folder's path as it was given. */
  readonly files: ReadonlyMap<string, ListedFile>
  /** The folder and every folder below it. */
  readonly folders: ReadonlySet<string>
  /**
   * Entries that could not be read, with the error code or the reason: links to nothing or out of
   * the folder, missing permission, files removed meanwhile.
   */
  readonly unreadable: ReadonlyMap<string, string>
}

interface Walk {
  readonly files: Map<string, ListedFile>
  readonly folders: Set<string>
  /** Real paths that were visited, against links in circles. */
  readonly seen: Set<string>
  readonly unreadable: Map<string, string>
  /** Real path of the given folder. */
  readonly root: string
  /** Links that lead out of the folder. */
  readonly outside: string[]
}

/**
 * Lists the manifests of a folder and its subfolders. Links are followed unless they lead out of
 * the folder: a repository may choose its links, but not read the files of the machine that runs a
 * pipeline. Names that begin with a dot are left out, such as `.git`, and the `..data` folder
 * behind the links of a mounted ConfigMap. Rejects when the folder itself cannot be read.
 */
export async function listFolder(folder: string): Promise<FolderListing> {
  const walk: Walk = {
    files: new Map(),
    folders: new Set(),
    seen: new Set(),
    unreadable: new Map(),
    root: await realpath(folder),
    outside: [],
  }
  await walkFolder(folder, walk)
  // One problem for all of them, because there may be thousands.
  const [link, ...others] = walk.outside
  if (link !== undefined) walk.unreadable.set(link, describeOutside(others.length))
  return walk
}

function describeOutside(others: number): string {
  const more = others === 0 ? '' : `, as ${others} more do`
  return `a link that leads out of the folder${more}; it is not followed`
}

async function walkFolder(folder: string, walk: Walk): Promise<void> {
  const real = await realpath(folder)
  if (walk.seen.has(real)) return
  walk.seen.add(real)
  const entries = await readdir(folder, { withFileTypes: true })
  walk.folders.add(folder)
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const found of entries) {
    if (found.name.startsWith('.')) continue
    const entry = path.join(folder, found.name)
    if (found.isSymbolicLink() && (await leadsOutOf(walk.root, entry))) walk.outside.push(entry)
    else await walkEntry(entry, walk)
  }
}

async function walkEntry(entry: string, walk: Walk): Promise<void> {
  try {
    const found = await stat(entry)
    if (found.isDirectory()) await walkFolder(entry, walk)
    else if (found.isFile() && /\.(ya?ml|json)$/i.test(entry)) walk.files.set(entry, listed(found))
  } catch (error) {
    // The rest of the folder still counts.
    walk.unreadable.set(entry, String((error as NodeJS.ErrnoException).code))
  }
}

function listed(found: Awaited<ReturnType<typeof stat>>): ListedFile {
  const { dev, ino, size, mtimeMs, ctimeMs } = found
  return {
    signature: [dev, ino, size, mtimeMs, ctimeMs].join(' '),
    modifiedAt: Number(mtimeMs),
    size: Number(size),
  }
}
