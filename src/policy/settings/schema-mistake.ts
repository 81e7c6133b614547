import { Ajv, type ErrorObject } from 'ajv'
import type { FieldPath } from '../text/field-path.js'
import { nearestName } from '../text/nearest-name.js'
import { settingsFormats, type SettingsFormat } from './format.js'
import { settingsSchemaOf } from './schema.js'

/** A mistake whose line is not known yet. */
export interface PathMistake {
  readonly path: FieldPath
  readonly message: string
}

/**
 * Most mistakes that are reported: enough to correct a file by. Finding the line of each, and the
 * name that was probably meant, takes a pass of its own.
 */
const mostMistakes = 100

/** In what a parsed settings file differs from the schema; no more than {@link mostMistakes}. */
export function schemaMistakes(
  value: unknown,
  knownRules: readonly string[],
): readonly PathMistake[] {
  // With `verbose`, an error carries what was found and what would have been allowed.
  const ajv = new Ajv({ allErrors: true, verbose: true })
  for (const [name, format] of settingsFormats) ajv.addFormat(name, text => format.accepts(text))
  const validate = ajv.compile(settingsSchemaOf(knownRules))
  validate(value)
  return (validate.errors ?? []).slice(0, mostMistakes).map(pathMistake)
}

function pathMistake(error: ErrorObject): PathMistake {
  const path = parsePointer(error.instancePath)
  const params = error.params as Readonly<Record<string, unknown>>
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(path, error)
    case 'required':
      return { path, message: `expected a key "${String(params.missingProperty)}", found none` }
    case 'enum':
      return { path, message: notOneOf(params.allowedValues as readonly string[], error.data) }
    case 'type':
      return {
        path,
        message: expectedFound(typeNames.get(String(params.type)) as string, error.data),
      }
    case 'format':
      return {
        path,
        message: expectedFound(formatNamed(String(params.format)).expected, error.data),
      }
    case 'minimum':
      return { path, message: expectedFound(`at least ${String(params.limit)}`, error.data) }
    case 'maximum':
      return { path, message: expectedFound(`at most ${String(params.limit)}`, error.data) }
    // The only other keyword of the schema is minItems.
    default:
      return { path, message: expectedFound('at least one entry', error.data) }
  }
}

function formatNamed(name: string): SettingsFormat {
  return settingsFormats.get(name) as SettingsFormat
}

/** JSON's types in the words of people who write YAML. */
const typeNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    object: 'a map',
    array: 'a list',
    string: 'a text',
    integer: 'a whole number',
    boolean: 'true or false',
  }),
)

function unknownKey(path: FieldPath, error: ErrorObject): PathMistake {
  const key = String((error.params as { additionalProperty: unknown }).additionalProperty)
  const allowed = Object.keys((error.parentSchema as { properties: object }).properties)
  const thing = path.at(-1) === 'rules' ? 'rule' : 'key'
  return {
    path: [...path, key],
    message: `unknown ${thing} ${shown(key)}${suggestion(key, allowed)}`,
  }
}

/**
 * The words for a value that is not in a list. A short list is spelled out; the list of rules is
 * too long for that.
 */
function notOneOf(allowed: readonly string[], found: unknown): string {
  const expected =
    allowed.length > 6
      ? 'a rule id or "*"'
      : `${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}`
  const guess = typeof found === 'string' ? suggestion(found, allowed) : ''
  return expectedFound(expected, found) + guess
}

function suggestion(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates)
  return nearest === null ? '' : `; did you mean "${nearest}"?`
}

function expectedFound(expected: string, found: unknown): string {
  return `expected ${expected}, found ${shown(found)}`
}

/** The value in the file, short enough for a line. */
function shown(found: unknown): string {
  if (found === null) return 'nothing'
  if (Array.isArray(found)) return found.length === 0 ? 'an empty list' : 'a list'
  if (typeof found === 'object') return 'a map'
  const text = JSON.stringify(found)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/**
 * Parses a JSON pointer (RFC 6901). No key of the settings is a number, so a number is a position
 * in a list.
 */
function parsePointer(pointer: string): FieldPath {
  return pointer
    .split('/')
    .slice(1)
    .map(part =>
      /^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~'),
    )
}
