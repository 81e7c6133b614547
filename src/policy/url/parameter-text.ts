import { listNames } from '../../atlas/text/name-list.js'
import type { RefusedParameter, Target } from '../facts/facts.js'
import type { Finding } from '../facts/finding.js'
import { foreignParameter } from './foreign-parameters.js'
import { nearestName } from '../text/nearest-name.js'

type Text = Pick<Finding, 'found' | 'expected' | 'remedy' | 'subjects' | 'details'>

const expected = "parameters that the operator's driver or the server knows"

/** The server's own sentences where it has one for the case. */
const sentences: Readonly<Record<RefusedParameter['reason'], (name: string) => string>> = {
  unknown: name => `the server refuses the login: unrecognized configuration parameter ${name}`,
  fixed: name => `the server refuses the login: parameter ${name} cannot be changed`,
  value: name => `the server refuses the login for the value of the parameter ${name} in the URL`,
  right: name => `the server refuses the login: the role may not set the parameter ${name}`,
  pooler: name => `the connection pooler refuses the login: unsupported startup parameter ${name}`,
}

/** The server names what is wrong in a command line, and not the command line. */
const ofOptions = 'the server refuses the login for what the parameter "options" of the URL sets'

/** What is said of a parameter for which the server refused the login. */
export function refusedText({ parameter, reason }: RefusedParameter, target: Target): Text {
  const { startup = [] } = target
  // Only a name that may be shown is one of these.
  const shown = parameter !== null && startup.includes(parameter) ? parameter : null
  const others = foreignNames(target).filter(name => name !== shown)
  return {
    found:
      shown === 'options'
        ? ofOptions
        : sentences[reason](shown === null ? 'of the URL' : quote(shown)),
    expected,
    remedy: shown === null ? 'correct the parameters of the URL' : wayOut(shown, reason, target),
    subjects: [shown ?? reason],
    details: others.map(name => `also ${advice(name, target) ?? ''}`),
  }
}

/** What is said of parameters of other tools, where no server was asked; null for none. */
export function foreignText(target: Target): Text | null {
  const names = foreignNames(target)
  const [first] = names
  if (first === undefined) return null
  const server = target.dialect === 'postgres' ? 'PostgreSQL' : 'the server'
  const [is, knows] = names.length === 1 ? ['is', 'it'] : ['are', 'them']
  return {
    found: `${listNames(names)} of the URL ${is} no parameter of the operator's driver, which sends ${knows} to ${server}, and that refuses the login`,
    expected,
    remedy: names.map(name => advice(name, target) ?? '').join(', '),
    subjects: names,
  }
}

function foreignNames(target: Target): readonly string[] {
  return (target.startup ?? []).filter(name => foreignParameter(name, target.dialect) !== null)
}

/** How to write a parameter of another tool; null for one of which nothing is known. */
function advice(name: string, { dialect }: Target): string | null {
  const foreign = foreignParameter(name, dialect)
  if (foreign === null) return null
  const { owner, write } = foreign
  return write === null
    ? `remove ${name} from the URL (it is ${owner})`
    : `write ${write} in place of ${name} (which is ${owner})`
}

function wayOut(name: string, reason: RefusedParameter['reason'], target: Target): string {
  const known = advice(name, target)
  if (known !== null) return known
  switch (reason) {
    case 'pooler':
      return "use the database's own host and port for migrations"
    case 'value':
      return `correct the value of ${name}, or remove it from the URL`
    case 'right':
      return `grant the role of the URL what it needs for ${name}, or remove ${name}`
    default:
      return unknownAdvice(name)
  }
}

/** Parameters that people mean: some of the driver, and settings of a server. */
const usual =
  'sslmode sslrootcert sslcert sslkey connect_timeout application_name target_session_attrs search_path options role statement_timeout lock_timeout TimeZone work_mem default_transaction_read_only idle_in_transaction_session_timeout'.split(
    ' ',
  )

function unknownAdvice(name: string): string {
  const meant = nearestName(name, usual)
  return meant === null || meant === name
    ? `remove ${name} from the URL`
    : `write ${meant} instead of ${name}, or remove it from the URL`
}

function quote(name: string): string {
  return `"${name}"`
}
