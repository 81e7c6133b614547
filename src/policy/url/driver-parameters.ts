/** Name and value, as they stand in a URL, unescaped. */
export type Parameter = readonly [name: string, value: string]

/** Why the operator's driver refuses a value, as a sentence without the value; null: it does not. */
type ValueCheck = (value: string) => string | null

/**
 * A whole number in Go's base 10. A `+` in front of it is a blank in a URL, which Go does not take.
 */
const wholeSeconds: ValueCheck = value =>
  /^[+-]?\d{1,18}$/.test(value)
    ? null
    : 'connect_timeout of the URL is no whole number of seconds: write connect_timeout=5'

/** What lib/pq takes for true and false (pqutil.ParseBool). */
const booleans = ['1', 't', 'T', 'true', 'TRUE', 'True', 'yes', 'on'].concat([
  '0',
  'f',
  'F',
  'false',
  'FALSE',
  'False',
  'no',
  'off',
])

function oneOf(name: string, values: readonly string[], shown = values): ValueCheck {
  const problem = `the ${name} of the URL is none of ${shown.join(', ')}`
  return value => (values.includes(value) ? null : problem)
}

const protocols = ['3.0', '3.2', 'latest']
const tlsVersions = ['TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
const yesOrNo = (name: string) => oneOf(name, booleans, ['yes', 'no'])

/** lib/pq ignores case and everything but letters and digits in the name of the encoding. */
const onlyUtf8: ValueCheck = value =>
  ['utf8', 'unicode'].includes(value.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase())
    ? null
    : 'the client_encoding of the URL is not UTF8'

const unjudged =
  'host hostaddr port dbname database user password passfile application_name fallback_application_name service krbsrvname krbspn sslcert sslkey sslrootcert sslsni'

/**
 * The parameters that lib/pq v1.12.3 takes for itself (the tags of its `Config`), so that no server
 * sees them, each with what it demands of the value. Files of the operator's pod are not judged.
 */
const ownParameters: ReadonlyMap<string, ValueCheck> = new Map([
  ...unjudged.split(' ').map((name): [string, ValueCheck] => [name, () => null]),
  // lib/pq v1.10 knows neither `allow` nor `prefer`.
  [
    'sslmode',
    oneOf('sslmode', ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']),
  ],
  ['sslnegotiation', oneOf('sslnegotiation', ['postgres', 'direct'])],
  ['ssl_min_protocol_version', oneOf('ssl_min_protocol_version', tlsVersions)],
  ['ssl_max_protocol_version', oneOf('ssl_max_protocol_version', tlsVersions)],
  ['min_protocol_version', oneOf('min_protocol_version', protocols)],
  ['max_protocol_version', oneOf('max_protocol_version', protocols)],
  [
    'target_session_attrs',
    oneOf(
      'target_session_attrs',
      'any read-write read-only primary standby prefer-standby'.split(' '),
    ),
  ],
  ['load_balance_hosts', oneOf('load_balance_hosts', ['disable', 'random'])],
  ['connect_timeout', wholeSeconds],
  ['binary_parameters', yesOrNo('binary_parameters')],
  ['disable_prepared_binary_result', yesOrNo('disable_prepared_binary_result')],
  ['sslinline', yesOrNo('sslinline')],
  ['client_encoding', onlyUtf8],
  ['datestyle', oneOf('datestyle', ['ISO, MDY'])],
])

/**
 * The parameters as lib/pq gets them: of several with one name the first counts, and an empty value
 * counts as none.
 */
function counting(parameters: readonly Parameter[]): readonly Parameter[] {
  const first = new Map<string, string>()
  for (const [name, value] of parameters) if (!first.has(name)) first.set(name, value)
  return [...first].filter(([, value]) => value !== '')
}

/** Why the operator's driver refuses the parameters, as a sentence without a value of them. */
export function parameterProblem(parameters: readonly Parameter[]): string | null {
  for (const [name, value] of counting(parameters)) {
    const problem = nameProblem(name.trim()) ?? valueProblem(name.trim(), value)
    if (problem !== null) return problem
  }
  return weakTls(new Map(counting(parameters).map(([name, value]) => [name.trim(), value])))
}

/** Parameters with which lib/pq v1.12.3 takes only some values of sslmode. Without one it takes a strong one itself. */
const strongModes = [
  { name: 'sslrootcert', value: 'system', modes: ['verify-full'] },
  { name: 'sslnegotiation', value: 'direct', modes: ['require', 'verify-ca', 'verify-full'] },
] as const

function weakTls(parameters: ReadonlyMap<string, string>): string | null {
  const mode = parameters.get('sslmode')
  if (mode === undefined) return null
  const refused = strongModes.find(
    ({ name, value, modes }) =>
      parameters.get(name) === value && !modes.some(strong => strong === mode),
  )
  return refused === undefined
    ? null
    : `the sslmode of the URL is too weak for its ${refused.name}=${refused.value}: write sslmode=${refused.modes.at(-1)}, or leave ${refused.name} out`
}

/** lib/pq writes `name='value'` and reads that again, so not every name comes out as it went in. */
function nameProblem(name: string): string | null {
  if (name === '') return 'a parameter of the URL has no name'
  return /[\s=]/.test(name)
    ? 'a parameter of the URL has a blank or an equals sign in its name'
    : null
}

function valueProblem(name: string, value: string): string | null {
  // A connection for replication runs no prepared statement, so no migration runs there.
  if (name === 'replication' && !/^(?:false|off|no|0)$/i.test(value)) {
    return 'the parameter replication of the URL asks for a connection on which no migration can run'
  }
  return ownParameters.get(name)?.(value) ?? null
}

/**
 * What lib/pq sends to the server at start-up of the parameters of a URL: those that it does not
 * know itself, and `options`. The server refuses the login for one that it does not know.
 * Extensions of the protocol are left out, as a server passes over them, and so is a `replication`
 * that asks for nothing.
 */
export function startupParameters(parameters: readonly Parameter[]): readonly Parameter[] {
  return counting(parameters)
    .map(([name, value]): Parameter => [name.trim(), value])
    .filter(
      ([name]) => !ownParameters.has(name) && name !== 'replication' && !name.startsWith('_pq_.'),
    )
}

/**
 * Whether a name may be shown. Where an unescaped password has split a URL, a piece of it could
 * stand where a name belongs; no such piece is shown that does not look like a name.
 */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/.test(name)
}
