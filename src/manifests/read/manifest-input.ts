import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CodedError } from '../../review/ports/coded-error.js'
import { oversize } from '../text/configmap-size.js'
import { listFolder } from './folder-listing.js'
import type { ManifestProblem } from '../text/manifest-problem.js'
import { type LocatedObject, type Manifest, parseLocatedManifest } from '../text/parse-manifest.js'
import { shownLine } from '../text/shown-line.js'
import { type FileObject, uniqueObjects } from '../text/unique-objects.js'

/** A path that was named cannot be read. Exit code 2. */
export class InputError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_INPUT'
}

export interface InputProblem extends ManifestProblem {
  /** The line of the file; null where it may hold a secret, or does not help. */
  readonly text: string | null
}

/** The objects of the files that were named, in their order. */
export interface ManifestInput {
  readonly objects: readonly FileObject<LocatedObject>[]
  readonly problems: readonly InputProblem[]
  /** Kinds that nothing here reads, such as `apps/v1 Deployment`. */
  readonly skippedKinds: readonly string[]
}

export interface InputOptions {
  /** Files, folders, or `-` for standard input. */
  readonly paths: readonly string[]
  /** The namespace of objects that name none. */
  readonly namespace: string
  readonly readStandardInput: () => Promise<string>
}

interface InputFile {
  readonly file: string
  readonly text: string
  readonly manifest: Manifest<LocatedObject>
}

/**
 * Reads manifests in the order in which kubectl would apply them: path after path, and the files of
 * a folder by name.
 * @throws InputError for a path that cannot be read; a mistake inside of a file is a problem in the
 * result.
 */
export async function readManifestInput(options: InputOptions): Promise<ManifestInput> {
  const files: InputFile[] = []
  const unreadable: InputProblem[] = []
  // A folder, and a file in it, may both be named.
  const seen = new Set<string>()
  for (const path of options.paths) {
    for (const file of await listPath(path, unreadable)) {
      if (seen.has(resolve(file))) continue
      seen.add(resolve(file))
      const text = await (file === '-' ? options.readStandardInput() : readText(file))
      files.push({ file, text, manifest: parseLocatedManifest(text, options.namespace) })
    }
  }
  const { objects, duplicates } = uniqueObjects(
    files.flatMap(({ file, manifest }) => manifest.objects.map(entry => ({ file, entry }))),
  )
  return {
    objects,
    problems: [
      ...unreadable,
      ...files.flatMap(problemsOf),
      ...[...duplicates, ...objects.flatMap(oversize)].map(problem => ({ ...problem, text: null })),
    ],
    skippedKinds: [...new Set(files.flatMap(({ manifest }) => manifest.skippedKinds))].sort(),
  }
}

/**
 * UTF-16 that is read as UTF-8 would be one strange word, and its objects would be missing
 * unnoticed. It has NULs, which YAML does not allow.
 */
const notUtf8 = 'this is no UTF-8 text (PowerShell writes UTF-16 with >); save it as UTF-8'

function problemsOf({ file, text, manifest }: InputFile): readonly InputProblem[] {
  if (text.includes('\0')) return [{ file, line: 1, column: 1, message: notUtf8, text: null }]
  return manifest.problems.map(problem => ({
    file,
    ...problem,
    text: shownLine(text, problem.line),
  }))
}

async function listPath(path: string, unreadable: InputProblem[]): Promise<readonly string[]> {
  if (path === '-') return [path]
  const found = await stat(path).catch((error: unknown) => fail(path, error))
  if (!found.isDirectory()) return [path]
  const listing = await listFolder(path).catch((error: unknown) => fail(path, error))
  for (const [file, code] of listing.unreadable)
    unreadable.push({ file, line: 1, column: 1, message: `cannot be read (${code})`, text: null })
  return [...listing.files.keys()]
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => fail(file, error))
}

function fail(path: string, error: unknown): never {
  const { code = '' } = error as NodeJS.ErrnoException
  throw new InputError(
    `cannot read ${path}: ${reasons.get(code) ?? code}; expected a file or folder of manifests, or - for standard input`,
    { cause: error },
  )
}

const reasons: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ENOENT: 'no such file',
    EACCES: 'no right to read it',
  }),
)
