import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeFolder } from '../cli/program.js'

const files = [
  'README.md',
  'package.json',
  'package-lock.json',
  'docs/CHANGELOG.md',
  'deploy/Dockerfile',
  'deploy/release.mjs',
  'deploy/repository.mjs',
  'deploy/chart/atlas-admission/Chart.yaml',
]

/** As much of a checkout as a release edits. */
function scratchCheckout(t: Test): string {
  const folder = makeFolder(t)
  for (const file of files) cpSync(file, join(folder, file), { recursive: true })
  return folder
}

const call = `const { setVersion } = await import('./deploy/release.mjs')
try { setVersion(process.argv[1], '2027-01-02') } catch (error) { console.error(error.message); process.exit(1) }`

function release(cwd: string, version: string) {
  return spawnSync(process.execPath, ['--input-type=module', '-e', call, version], {
    cwd,
    encoding: 'utf8',
  })
}

const readVersion = (folder: string) =>
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version

void t.test('a release sets one version everywhere', async t => {
  const folder = scratchCheckout(t)
  const changelog = join(folder, 'docs/CHANGELOG.md')
  writeFileSync(changelog, '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A rule.\n')
  const old = readVersion(folder)
  t.match(release(folder, '97.98.99'), { status: 0, stderr: '' })
  t.equal(readVersion(folder), '97.98.99')
  for (const file of files.filter(name => name !== 'package-lock.json' && !name.endsWith('.mjs'))) {
    const text = readFileSync(join(folder, file), 'utf8')
    t.match(text, '97.98.99', `${file} has the new version`)
    t.notOk(text.includes(`atlas-admission:${old}`), `${file} has no image of the old version`)
  }
  t.equal(
    readFileSync(changelog, 'utf8'),
    '# Changelog\n\n## [Unreleased]\n\n## [97.98.99] - 2027-01-02\n\n### Added\n\n- A rule.\n',
  )
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    readonly version: string
    readonly packages: Readonly<Record<string, { readonly version: string }>>
  }
  t.strictSame([lock.version, lock.packages['']?.version], ['97.98.99', '97.98.99'])
})

void t.test('a release that says nothing new, or no version, is refused in one line', async t => {
  const folder = scratchCheckout(t)
  t.match(release(folder, 'v1'), { status: 1, stderr: /^expected a version such as 0\.2\.0/ })
  t.match(release(folder, readVersion(folder)), { status: 1, stderr: / already\n$/ })
  writeFileSync(join(folder, 'docs/CHANGELOG.md'), '# Changelog\n\n## [Unreleased]\n\n')
  t.match(release(folder, '97.98.99'), { status: 1, stderr: /nothing stands under \[Unreleased\]/ })
})

void t.test('one command says where the project lives', async t => {
  const cwd = scratchCheckout(t)
  const run = (url: string) =>
    spawnSync(process.execPath, ['deploy/repository.mjs', url], { cwd, encoding: 'utf8' })
  t.match(run('github.com/me'), { status: 1, stderr: /^expected https:/ })
  t.equal(run('https://git.example.com/me/gate.git').status, 0)
  t.match(JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')), {
    homepage: 'https://git.example.com/me/gate#readme',
    bugs: { url: 'https://git.example.com/me/gate/issues' },
    repository: { url: 'git+https://git.example.com/me/gate.git' },
  })
})
