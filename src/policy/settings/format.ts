import { isCidr } from './cidr.js'
import { parseLabelSelector } from './label-selector.js'
import { parseUntil } from './until.js'
import { parseVersion } from './version-order.js'

/** A format of the settings schema: which texts have it, and what to tell people about it. */
export interface SettingsFormat {
  readonly accepts: (text: string) => boolean
  readonly expected: string
}

/** Characters of Kubernetes names (RFC 1123 subdomain) and the two wildcards. */
const glob = /^[a-z0-9*?.-]{1,253}$/

/** Characters of host names and addresses, and the two wildcards. */
const host = /^[A-Za-z0-9*?._:[\]-]{1,253}$/

/** A folder with a Unix socket, and the two wildcards. */
const socketFolder = /^\/(?!.*\.\.)[A-Za-z0-9*?._/-]{1,253}$/

/**
 * A URL without user, query and blank, since it is printed in every denial. Braces may only mark
 * the place of the rule's id.
 */
const baseUrl = /^https?:\/\/(?!.{101})(?:\{id\}|[^\s@?#{}\p{Cc}])+$/u

export const settingsFormats: ReadonlyMap<string, SettingsFormat> = new Map(
  Object.entries<SettingsFormat>({
    glob: {
      accepts: text => glob.test(text),
      expected: 'a glob over Kubernetes names: lower-case letters, digits, "-", ".", "*" and "?"',
    },
    cidr: { accepts: isCidr, expected: 'a CIDR such as 10.0.0.0/8 or fd00::/8' },
    host: {
      accepts: text =>
        socketFolder.test(text) || (text.includes('/') ? isCidr(text) : host.test(text)),
      expected:
        'a host name glob such as *.db.example.com, a CIDR such as 10.0.0.0/8, or the folder of a Unix socket such as /run/postgresql',
    },
    until: {
      accepts: text => parseUntil(text) !== null,
      expected: 'a date such as 2026-12-31 or a time such as 2026-12-31T12:00:00Z',
    },
    version: {
      accepts: text => text === '' || parseVersion(text) !== null,
      expected: 'a version such as 0.1.0, in quotes where YAML takes it for a number',
    },
    'label-selector': {
      accepts: text => parseLabelSelector(text) !== null,
      expected: 'a label selector such as app=shop,tier in (a, b),!internal',
    },
    text: { accepts: text => /\S/.test(text), expected: 'a text that is not blank' },
    'base-url': {
      accepts: text => text === '' || baseUrl.test(text),
      expected:
        'an http or https URL of at most 100 characters, without user, query and fragment, and no braces but {id}',
    },
  }),
)
