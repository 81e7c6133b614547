/** One condition of a label selector; all of them must hold. */
export interface LabelRequirement {
  readonly key: string
  readonly operator: 'in' | 'notin' | 'exists' | 'absent'
  readonly values: readonly string[]
}

/**
 * A name of a label with its optional prefix, and a value (Kubernetes' syntax of labels; the lengths
 * are bounded by that of the text).
 */
const key = '[A-Za-z0-9][A-Za-z0-9._/-]*'
const value = '[A-Za-z0-9._-]*'

const equality = new RegExp(`^(${key}) *(==|=|!=) *(${value})$`)
const membership = new RegExp(`^(${key}) +(in|notin) *\\(([A-Za-z0-9._, -]*)\\)$`)
const existence = new RegExp(`^(!?) *(${key})$`)

/** Longest selector that is read; an operator's command line has shorter ones. */
const maxLength = 1000

/**
 * Parses a label selector as `kubectl --selector` and the operator's `--label-selector` take it:
 * `app=shop,tier in (a, b),!internal`. null when it is none.
 */
export function parseLabelSelector(text: string): readonly LabelRequirement[] | null {
  if (text.length > maxLength) return null
  const requirements: LabelRequirement[] = []
  for (const part of splitRequirements(text)) {
    const requirement = parseRequirement(part.trim())
    if (requirement === null) return null
    requirements.push(requirement)
  }
  return requirements
}

/** Splits at the commas that stand outside of parentheses. */
function splitRequirements(text: string): readonly string[] {
  return text.trim() === '' ? [] : text.split(/,(?![^()]*\))/)
}

function parseRequirement(text: string): LabelRequirement | null {
  const equal = equality.exec(text)
  if (equal !== null) {
    const [, name = '', sign, only = ''] = equal
    return { key: name, operator: sign === '!=' ? 'notin' : 'in', values: [only] }
  }
  const member = membership.exec(text)
  if (member !== null) {
    const [, name = '', word, list = ''] = member
    const operator = word === 'in' ? 'in' : 'notin'
    return { key: name, operator, values: list.split(',').map(each => each.trim()) }
  }
  const exists = existence.exec(text)
  if (exists === null) return null
  return { key: exists[2] ?? '', operator: exists[1] === '!' ? 'absent' : 'exists', values: [] }
}

/** Whether labels meet all requirements. As in Kubernetes, `!=` and `notin` hold without the label. */
export function selectsLabels(
  requirements: readonly LabelRequirement[],
  labels: ReadonlyMap<string, string>,
): boolean {
  return requirements.every(({ key: name, operator, values }) => {
    const found = labels.get(name)
    if (operator === 'exists') return found !== undefined
    if (operator === 'absent') return found === undefined
    const listed = found !== undefined && values.includes(found)
    return operator === 'in' ? listed : !listed
  })
}
