/**
 * One option of a command. Options that a pod may need have an environment variable, so that a
 * manifest can set them.
 */
export interface CommandOption {
  /** Without the leading `--`. */
  readonly name: string
  /** Placeholder of the value in the help; absent for a switch. */
  readonly value?: string
  /** The variable. For a repeatable option it holds values separated by white space. */
  readonly environment?: string
  /** May be given several times; see {@link Arguments.values}. */
  readonly repeatable?: true
  readonly default?: string
  /** The only accepted values. */
  readonly choices?: readonly string[]
  readonly help: string
}

export interface Command {
  readonly name: string
  readonly summary: string
  /** What stands behind the command's name in the usage line, such as `DIR`; empty for nothing. */
  readonly operands: string
  /** Default: one, or none where `operands` is empty. */
  readonly maxOperands?: number
  readonly options: readonly CommandOption[]
  readonly examples: readonly string[]
}

export interface ExitCode {
  readonly code: number
  readonly meaning: string
}

export const exitCodes: readonly ExitCode[] = [
  { code: 0, meaning: 'done; for serve and demo: stopped by SIGINT or SIGTERM after draining' },
  { code: 1, meaning: 'the command ran and its answer is no: denied, refused, not safe' },
  {
    code: 2,
    meaning:
      'could not decide: wrong usage, a file that cannot be used, a database that cannot be read',
  },
  { code: 3, meaning: 'cannot start: port taken, no permission, no PostgreSQL binaries' },
  { code: 70, meaning: 'a fault of atlas-admission itself; please report it' },
  {
    code: 130,
    meaning: 'interrupted; serve and demo: at once, by a second signal, without draining',
  },
]
