import { type DatabaseChoice, parseDatabaseChoice } from '../input/database-choice.js'
import type { Arguments } from '../line/arguments.js'
import { parseDuration } from '../line/duration.js'
import { UsageError } from '../line/usage-error.js'
import { type FolderOption, parseFolderOptions } from './input.js'

/** A check as the command line asks for it. */
export interface CheckOptions {
  readonly paths: readonly string[]
  readonly before: readonly string[]
  readonly folders: readonly FolderOption[]
  readonly databases: DatabaseChoice
  readonly namespace: string
  /** Where the settings come from. */
  readonly policy: string | undefined
  readonly limitMs: number
  readonly environment: Arguments['environment']
}

/** @throws UsageError */
export function parseCheckOptions(args: Arguments): CheckOptions {
  if (args.operands.length === 0)
    throw new UsageError(
      'check needs a PATH: a file or folder of manifests, or - for standard input',
    )
  return {
    paths: args.operands,
    before: args.values('before'),
    folders: parseFolderOptions(args),
    databases: parseDatabaseChoice(args),
    namespace: args.text('namespace'),
    policy: args.value('policy'),
    limitMs: parseDuration(args.text('timeout'), 'timeout'),
    environment: args.environment,
  }
}
