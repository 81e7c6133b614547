import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package in the path of one of its files: the last, for packages may hold packages. */
const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/
/** Where a licence may stand, the more proper place first. */
const licenseFile = /^(?:licen[cs]e|unlicense|copying|notice)(?:[.-].*)?$/i
const readme = /^readme(?:\.md)?$/i
const licenseSection = /^#+ *licen[cs]e *\n+(.*)/ims

/**
 * The text that must go along with a bundle of these files: of every package its name, version and licence.
 * @throws when a package does not say how it is licensed.
 */
export function collectLicenses(files) {
  const folders = new Set(files.map(file => packageFolder.exec(file)?.[0]).filter(Boolean))
  const names = new Map()
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readText(folder, 'package.json'))
    const text = readLicense(folder)
    /* c8 ignore next - only when a package is added */
    if (!license || !text) throw new Error(`${folder} does not say how it is licensed`)
    names.set(text, [...(names.get(text) ?? []), `${name} ${version} (${license})`])
  }
  const sections = [...names].map(
    ([text, packages]) => `${[...new Set(packages)].join('\n')}\n\n${text}\n`,
  )
  const ruler = `\n${'-'.repeat(80)}\n\n`
  return ['The bundled files hold these packages, under these licences.\n', ...sections].join(ruler)
}

function readLicense(folder) {
  const entries = readdirSync(folder).sort()
  const texts = entries.filter(name => licenseFile.test(name)).map(name => readText(folder, name))
  if (texts.length > 0) return texts.join('\n\n')
  const found = entries.find(name => readme.test(name))
  return found && licenseSection.exec(readText(folder, found))?.[1].trim()
}

function readText(folder, name) {
  return readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim()
}
