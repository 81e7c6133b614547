import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ControlPlaneError } from './control-plane-error.js'
import { findExecutable, findOnPath } from '../programs/find-program.js'
import { lastLines, runProgram } from '../programs/run-program.js'

export type Log = (line: string) => void

/** The Go module that pins every program and all that it is built from. */
export const kubernetesModule = join('test', 'e2e', 'control-plane', 'kubernetes-module')

export interface GoProgram {
  readonly name: string
  /** Import path of its package main. */
  readonly package: string
  /** Processor time of a build with empty caches, for the line that says how long to wait. */
  readonly minutes: number
}

export interface GoBuildOptions {
  readonly go: string
  /** Where the program ends up, under its name. */
  readonly folder: string
  /** Such as v1.36.3. */
  readonly version: string
  readonly log: Log
}

/** Go since 1.21 fetches the toolchain that go.mod asks for; what is older does not understand go.mod at all. */
export function findGo(): Promise<string | null> {
  return findOnPath('go')
}

/** The version of Kubernetes that go.mod requires, such as v1.36.3. */
export async function readKubernetesVersion(): Promise<string> {
  const text = await readFile(join(kubernetesModule, 'go.mod'), 'utf8')
  const version = /^\s*k8s\.io\/kubernetes (v\S+)$/m.exec(text)?.[1]
  if (version) return version
  throw new ControlPlaneError(`${kubernetesModule}/go.mod requires no k8s.io/kubernetes`)
}

/**
 * Builds a program unless the folder has it, and resolves to its path. Two builds at once do the work twice, but
 * neither sees half a program: it gets its name when it is complete.
 * @throws ControlPlaneError with the last lines of the Go tool.
 */
export async function buildGoProgram(program: GoProgram, options: GoBuildOptions): Promise<string> {
  const { folder, version, log } = options
  const built = await findExecutable(folder, program.name)
  if (built) return built
  await mkdir(folder, { recursive: true })
  log(
    `building ${program.name} for Kubernetes ${version} from its Go modules into ${folder}: ` +
      `once, about ${program.minutes} processor minutes`,
  )
  const started = performance.now()
  const unfinished = join(folder, `.${program.name}.${process.pid}`)
  try {
    await runGoBuild(program, unfinished, options)
    await rename(unfinished, join(folder, program.name))
  } finally {
    await rm(unfinished, { force: true })
  }
  log(`built ${program.name} in ${Math.round((performance.now() - started) / 1000)} s`)
  return join(folder, program.name)
}

async function runGoBuild(program: GoProgram, output: string, options: GoBuildOptions) {
  const build = ['build', '-mod=readonly', '-trimpath', `-ldflags=${linkerFlags(options.version)}`]
  const run = await runProgram(
    // All processors are used for minutes: whatever else runs goes first.
    'nice',
    ['-n', '10', options.go, ...build, '-o', output, program.package],
    {
      folder: kubernetesModule,
      // A go.work or GOFLAGS of the user's must not change what is built.
      environment: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
    },
  )
  if (run.code === 0) return
  throw new ControlPlaneError(
    `go build ${program.package} failed (exit code ${run.code}); it needs the module proxy of ` +
      `\`go env GOPROXY\` and 3 GiB of disk. Its last lines:\n${lastLines(run.stderr, 10)}`,
  )
}

/** No debug tables, a third smaller; without gitVersion the API server says v0.0.0 and `kubectl version` fails. */
function linkerFlags(version: string): string {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? []
  const variable = 'k8s.io/component-base/version'
  return [
    '-s -w',
    `-X ${variable}.gitVersion=${version}`,
    `-X ${variable}.gitMajor=${major}`,
    `-X ${variable}.gitMinor=${minor}`,
  ].join(' ')
}
