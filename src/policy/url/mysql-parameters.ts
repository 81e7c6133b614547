import type { Parameter } from './driver-parameters.js'

/** What go-sql-driver takes for true and false. */
const boolean = /^(?:1|true|TRUE|True|0|false|FALSE|False)$/

/** A duration of Go: numbers with units, such as `1m30s`. A bare number is none, except 0. */
const duration = /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|ms|s|m|h))+)$/

const whole = /^[-+]?\d{1,18}$/

/**
 * Names of TLS settings that a build of Atlas may have registered. The driver refuses any that is
 * not, but which there are in the operator's build is not known.
 */
const tls = /^(?:1|0|true|false|skip-verify|preferred|custom|aws|rds|azure|gcp|cloudsql)$/i

const booleans =
  'allowAllFiles allowCleartextPasswords allowFallbackToPlaintext allowNativePasswords allowOldPasswords checkConnLiveness clientFoundRows columnsWithAlias compress interpolateParams multiStatements rejectReadOnly'

/** By the parameter's name, what its value has to be, and that in words. */
const values: ReadonlyMap<string, readonly [form: RegExp, words: string]> = new Map([
  ...booleans
    .split(' ')
    .map((name): [string, readonly [RegExp, string]] => [
      name,
      [boolean, 'neither true nor false'],
    ]),
  ...['timeout', 'readTimeout', 'writeTimeout', 'timeTruncate'].map(
    (name): [string, readonly [RegExp, string]] => [name, [duration, 'no duration: write 5s']],
  ),
  ['maxAllowedPacket', [whole, 'no whole number']],
  ['tls', [tls, 'none of true, false, skip-verify, preferred']],
])

/** Longest value that is looked at. */
const longest = 64

/**
 * Why the operator's driver (go-sql-driver v1.10) refuses the parameters of a MySQL URL, as a
 * sentence without a value of them; null when it does not. What it does not know, it sends to the
 * server as a setting of the session.
 */
export function mysqlParameterProblem(parameters: readonly Parameter[]): string | null {
  const hasCertificates = parameters.some(([name]) => name.startsWith('ssl-'))
  for (const [name, value] of parameters) {
    const known = values.get(name)
    if (known === undefined || value === '' || (name === 'tls' && hasCertificates)) continue
    const [form, words] = known
    if (value.length > longest || !form.test(value)) return `the ${name} of the URL is ${words}`
  }
  return null
}
