import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

const moduleFolder = join('deploy', 'chart', 'helm-module')

/**
 * Path of a Helm: of the variable HELM, of PATH, of the cache, or built from its Go module into the cache, which takes
 * about two processor minutes beside an API server built before, and seven alone. null without any, and without Go.
 */
export function obtainHelm() {
  if (process.env.HELM) return process.env.HELM
  const onPath = findOnPath('helm')
  if (onPath) return onPath
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const folder = join(caches, 'atlas-admission', 'helm', pinnedVersion())
  const program = join(folder, 'helm')
  if (existsSync(program)) return program
  const go = findOnPath('go')
  return go && buildHelm(go, folder)
}

function pinnedVersion() {
  const text = readFileSync(join(moduleFolder, 'go.mod'), 'utf8')
  return /^require helm\.sh\/helm\/v4 (v\S+)$/m.exec(text)[1]
}

function buildHelm(go, folder) {
  console.error(`building Helm from its Go module into ${folder}: once, two to seven minutes`)
  mkdirSync(folder, { recursive: true })
  const unfinished = join(folder, `.helm.${process.pid}`)
  const build = ['build', '-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', unfinished]
  const run = spawnSync('nice', ['-n', '10', go, ...build, 'helm.sh/helm/v4/cmd/helm'], {
    cwd: moduleFolder,
    // A go.work or GOFLAGS of the user's must not change what is built.
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
    stdio: 'inherit',
  })
  if (run.status !== 0) throw new Error('go build of Helm failed; its output is above')
  renameSync(unfinished, join(folder, 'helm'))
  return join(folder, 'helm')
}

function findOnPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map(folder => join(folder, name)).find(existsSync) ?? null
}
