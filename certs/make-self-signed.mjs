#!/usr/bin/env node
// Writes ca.crt, tls.crt and tls.key for a trial on one machine, without openssl. In a checkout it needs npm run build.
import { mkdir, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const usage = `node certs/make-self-signed.mjs [--out DIR] [--days N] [NAME ...]

Writes ca.crt (what clients trust), tls.crt and tls.key (what --tls-cert and --tls-key take) into DIR.
NAME: further DNS names and IP addresses, such as webhook.atlas-admission.svc; localhost is always in.
  --out DIR  default certs/local, which git ignores; files that are there are not replaced
  --days N   life of both certificates; default 30`

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string', default: 'certs/local' },
      days: { type: 'string', default: '30' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const days = Number(values.days)
  // A trial lasts no ten years.
  if (!Number.isInteger(days) || days < 1 || days > 3650)
    throw new Error(`--days: expected a whole number from 1 to 3650, found "${values.days}"`)
  return { folder: values.out, days, names: positionals, help: values.help }
}

async function loadIssuer() {
  try {
    return await import('../dist/src/webhook/tls/self-signed.js')
    /* c8 ignore start - only without a build, and then there are no tests either */
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    return importBundled()
  }
}

/** The npm package has this instead of the build. */
async function importBundled() {
  try {
    return await import('../dist/bundle/js/self-signed.js')
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Error('dist/ is not there; run "npm ci && npm run build" first', { cause: error })
  }
}
/* c8 ignore stop */

async function make({ folder, days, names }) {
  const { issueSelfSigned } = await loadIssuer()
  const { ca, cert, key } = await issueSelfSigned({
    dnsNames: names.filter(name => isIP(name) === 0),
    ipAddresses: names.filter(name => isIP(name) !== 0),
    days,
  })
  await mkdir(folder, { recursive: true })
  const write = (name, text, mode) => writeFile(join(folder, name), text, { flag: 'wx', mode })
  // The key first: where one is already, nothing is written.
  await write('tls.key', key, 0o600)
  await write('tls.crt', cert, 0o644)
  await write('ca.crt', ca, 0o644)
  console.log(`${folder}: ca.crt, tls.crt and tls.key, for ${days} days`)
}

try {
  const options = parse()
  if (options.help) console.log(usage)
  else await make(options)
} catch (error) {
  const isThere = error.code === 'EEXIST'
  console.error(
    isThere ? `${error.path} is there already; remove it, or choose another --out` : error.message,
  )
  process.exitCode = 2
}
