/** One thing in which TO is not as FROM, or that a person should know before a switch from one to the other. */
export interface Difference {
  /** blocks: TO is worse off than FROM, so that a switch to it goes wrong. */
  readonly weight: 'blocks' | 'note'
  /** The rule of the gate that would speak about it; null where it has none. */
  readonly rule: string | null
  /** One sentence, without a final stop. */
  readonly found: string
  /** Imperative; empty for a note that asks for nothing. */
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
