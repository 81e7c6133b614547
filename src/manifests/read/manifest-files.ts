import { readFile } from 'node:fs/promises'
import { listFolder, type FolderListing, type ListedFile } from './folder-listing.js'
import { parseManifest, type Manifest } from '../text/parse-manifest.js'

/**
 * Largest file of manifests: ten times what etcd stores of one object (1.5 MiB). A larger file is
 * something else.
 */
const maxFileBytes = 16 * 1024 * 1024

/** A file as it was last read. Its objects may be from before its problems. */
interface FileVersion {
  readonly signature: string
  readonly manifest: Manifest
}

/** One look at a folder. */
export interface ManifestFiles {
  /** By path. */
  readonly files: ReadonlyMap<string, Manifest>
  readonly folders: ReadonlySet<string>
  /** Whether something differs from the look before. */
  readonly changed: boolean
  /** Whether something is being written now, so that the next look should come soon. */
  readonly unsettled: boolean
}

export interface LookOptions {
  /**
   * A file that was modified less than this ago may be half written. Its last version then stays
   * until it is at rest.
   */
  readonly settleMs: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Remembers the files of a folder between two looks, so that only changed ones are read again. */
export class ManifestFileCache {
  #versions: ReadonlyMap<string, FileVersion> = new Map()
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Looks at the folder. A file whose text cannot be read keeps its last good objects, and has a
   * problem besides. Rejects when the folder itself cannot be read.
   */
  async look(options: LookOptions): Promise<ManifestFiles> {
    const listing = await listFolder(this.#folder)
    const { versions: found, unsettled } = await this.#readFiles(listing, options)
    for (const [entry, code] of listing.unreadable)
      found.set(entry, { signature: code, manifest: unreadable(code) })
    // While an entry appears or disappears, missing files may only be between two versions of their
    // folder.
    const torn = this.#isTorn(listing)
    const versions = torn ? new Map([...this.#versions, ...found]) : found
    const changed = !sameVersions(this.#versions, versions)
    this.#versions = versions
    return {
      files: new Map([...versions].map(([file, { manifest }]) => [file, manifest])),
      folders: listing.folders,
      changed,
      unsettled: unsettled || torn,
    }
  }

  async #readFiles(
    listing: FolderListing,
    { settleMs, now }: LookOptions,
  ): Promise<{ readonly versions: Map<string, FileVersion>; readonly unsettled: boolean }> {
    const versions = new Map<string, FileVersion>()
    let unsettled = false
    for (const [file, listed] of listing.files) {
      const known = this.#versions.get(file)
      const age = now - listed.modifiedAt
      const young = known?.signature !== listed.signature && age >= 0 && age < settleMs
      unsettled ||= young
      const version = young ? known : await readVersion(file, listed, known)
      if (version) versions.set(file, version)
    }
    return { versions, unsettled }
  }

  /** Whether an entry cannot be read now that could be read before, or did not exist. */
  #isTorn({ unreadable }: FolderListing): boolean {
    return [...unreadable].some(([entry, code]) => this.#versions.get(entry)?.signature !== code)
  }
}

function sameVersions(
  before: ReadonlyMap<string, FileVersion>,
  after: ReadonlyMap<string, FileVersion>,
): boolean {
  return (
    before.size === after.size &&
    [...after].every(([file, { signature }]) => before.get(file)?.signature === signature)
  )
}

async function readVersion(
  file: string,
  listed: ListedFile,
  known: FileVersion | undefined,
): Promise<FileVersion> {
  const { signature } = listed
  if (known?.signature === signature) return known
  const manifest = await readManifest(file, listed)
  if (!manifest.broken) return { signature, manifest }
  return { signature, manifest: { ...manifest, objects: known?.manifest.objects ?? [] } }
}

async function readManifest(file: string, { size }: ListedFile): Promise<Manifest> {
  if (size > maxFileBytes) return broken('larger than 16 MiB')
  try {
    return parseManifest(await readFile(file, 'utf8'))
    /* c8 ignore start - root, as whom tests run, may read every file that can be looked at */
  } catch (error) {
    return unreadable(String((error as NodeJS.ErrnoException).code))
  }
  /* c8 ignore stop */
}

function unreadable(code: string): Manifest {
  return broken(`cannot be read (${code})`)
}

function broken(message: string): Manifest {
  return {
    objects: [],
    problems: [{ line: 1, column: 1, message }],
    skippedKinds: [],
    broken: true,
  }
}
