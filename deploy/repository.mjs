// npm run repository -- URL: where the project lives, in package.json. Until then its addresses are placeholders.
import { readFileSync, writeFileSync } from 'node:fs'

const [url = ''] = process.argv.slice(2)
const address = url.replace(/(?:\.git)?\/?$/, '')
if (!/^https:\/\/[^\s/]+\/[^\s]+$/.test(address)) {
  console.error(`expected https://HOST/OWNER/NAME, found "${url}"`)
  process.exit(1)
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
Object.assign(manifest, {
  homepage: `${address}#readme`,
  bugs: { url: `${address}/issues` },
  repository: { type: 'git', url: `git+${address}.git` },
})
writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`)
console.log(`package.json names ${address}`)
