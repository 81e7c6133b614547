/** What may stand in one place of the command line. */
export type Completion =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  /** Anything: nothing is suggested. */
  | { readonly kind: 'free' }

export interface CompletedOption {
  readonly name: string
  readonly help: string
  /** null: a switch. */
  readonly value: Completion | null
  readonly repeatable: boolean
}

export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletedOption[]
  readonly operands: Completion
}
