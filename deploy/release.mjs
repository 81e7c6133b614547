// npm run release -- X.Y.Z: one version in package.json, its lock file, the chart, the manifest and the changelog.
// It edits files and runs `npm run manifest`; committing and tagging is left to you.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** Semantic Versioning 2.0.0, without build metadata, which a label of Kubernetes cannot hold. */
const semver = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?$/

const changelog = 'docs/CHANGELOG.md'

/** Replaces exactly `count` places, so that a file that has changed its shape is noticed. */
function edit(file, count, [pattern, replacement]) {
  const text = readFileSync(file, 'utf8')
  const found = text.match(pattern)?.length ?? 0
  if (found !== count) throw new Error(`${file}: expected ${count} places for the version, found ${found}`)
  writeFileSync(file, text.replace(pattern, replacement))
}

/** Sets the version everywhere but in what `npm run manifest` makes. */
export function setVersion(version, today) {
  if (!semver.test(version ?? ''))
    throw new Error(`expected a version such as 0.2.0, found "${version ?? ''}": npm run release -- 0.2.0`)
  const { version: old } = JSON.parse(readFileSync('package.json', 'utf8'))
  if (version === old) throw new Error(`the version is ${old} already`)
  const unreleased = readFileSync(changelog, 'utf8').split(/^## \[/m)[1] ?? ''
  if (unreleased.replace(/^.*\n/, '').trim() === '')
    throw new Error(`${changelog}: nothing stands under [Unreleased]; say there what is new`)
  const escaped = old.replaceAll('.', String.raw`\.`)
  edit('package.json', 1, [new RegExp(`"version": "${escaped}"`, 'g'), `"version": "${version}"`])
  edit('package-lock.json', 2, [
    new RegExp(`(?<="name": "atlas-admission",\\s+)"version": "${escaped}"`, 'g'),
    `"version": "${version}"`,
  ])
  edit('deploy/chart/atlas-admission/Chart.yaml', 2, [
    new RegExp(`(?<=^(?:version|appVersion): )${escaped}$`, 'gm'),
    version,
  ])
  edit('deploy/Dockerfile', 1, [new RegExp(`atlas-admission:${escaped}`, 'g'), `atlas-admission:${version}`])
  edit('README.md', 2, [new RegExp(`(?<=/atlas-admission:)${escaped}`, 'g'), version])
  edit(changelog, 1, [/^## \[Unreleased\]$/gm, `## [Unreleased]\n\n## [${version}] - ${today}`])
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    setVersion(process.argv[2], new Date().toISOString().slice(0, 10))
    execFileSync('npm', ['run', '--silent', 'manifest'], { stdio: 'inherit' })
    console.log(`now look at the changes, commit them, and tag v${process.argv[2]}`)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
