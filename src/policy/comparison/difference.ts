/**
 * Something in which TO differs from FROM, or that a person should know before moving from one to
 * the other.
 */
export interface Difference {
  /** blocks: TO is worse off than FROM, so the move would go wrong. */
  readonly weight: 'blocks' | 'note'
  /** Id of the rule that would find it at an admission; null where there is none. */
  readonly rule: string | null
  /** One sentence without a full stop. */
  readonly found: string
  /** What to do, in the imperative; empty for a note that asks for nothing. */
  readonly remedy: string
  /** The versions it is about, in bytewise order. */
  readonly versions: readonly string[]
}

export function blocks(
  rule: string | null,
  text: Pick<Difference, 'found' | 'remedy'>,
  versions: readonly string[] = [],
): Difference {
  return { weight: 'blocks', rule, ...text, versions }
}

export function note(found: string, remedy = '', versions: readonly string[] = []): Difference {
  return { weight: 'note', rule: null, found, remedy, versions }
}
