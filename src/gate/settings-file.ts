import { readFile } from 'node:fs/promises'
import { defaultSettings } from '../policy/settings/default-settings.js'
import { formatSettingsMistake, parseSettings } from '../policy/settings/parse.js'
import type { Settings } from '../policy/settings/settings.js'
import { CodedError } from '../review/ports/coded-error.js'
import { listMistakes } from '../report/parts/mistake-list.js'

/** A settings file that cannot be used. The message has a line for each mistake. Exit code 2. */
export class SettingsError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_SETTINGS'
}

/**
 * Reads the settings.
 * @throws SettingsError with every mistake of the file
 */
export async function readSettings(
  file: string | undefined,
  knownRules: readonly string[],
): Promise<Settings> {
  if (file === undefined) return defaultSettings
  const parsed = parseSettings(await readText(file), knownRules)
  if ('settings' in parsed) return parsed.settings
  const mistakes = parsed.mistakes.map(mistake => `${file}: ${formatSettingsMistake(mistake)}`)
  throw new SettingsError(`the policy cannot be used\n${listMistakes(mistakes)}`)
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new SettingsError(`the policy ${file} cannot be read (${code}); check --policy`, {
      cause: error,
    })
  }
}
