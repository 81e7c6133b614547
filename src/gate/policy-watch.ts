import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Settings } from '../policy/settings/settings.js'
import { type FileWatch, type FileWatchTiming, watchFiles } from '../files/file-watch.js'
import type { Metrics } from '../webhook/metrics/metrics.js'
import type { SettingsError } from './settings-file.js'

export interface PolicyWatchOptions extends FileWatchTiming {
  readonly file: string
  readonly initial: Settings
  /** Reads the settings. Rejects with a SettingsError for a file that cannot be used. */
  readonly read: () => Promise<Settings>
  readonly log: Logger
  readonly metrics: Metrics
}

/** Keeps the settings in force: those of the last version of the policy file that could be used. */
export class PolicyWatch {
  readonly #options: PolicyWatchOptions
  readonly #watch: FileWatch
  #settings: Settings
  #problem = ''

  constructor(options: PolicyWatchOptions) {
    this.#options = options
    this.#settings = options.initial
    this.#watch = watchFiles({ ...options, files: [options.file], onLook: () => this.#reload() })
  }

  get settings(): Settings {
    return this.#settings
  }

  close(): void {
    this.#watch.close()
  }

  async #reload(): Promise<void> {
    const { read, log, metrics } = this.#options
    try {
      const settings = await read()
      this.#problem = ''
      if (isDeepStrictEqual(settings, this.#settings)) return
      this.#warnOfRestart(settings)
      this.#settings = settings
      metrics.countPolicyReload('loaded')
      log.info('policy loaded again')
    } catch (error) {
      this.#report(error as SettingsError)
    }
  }

  /**
   * Warns that settings of the audit and of connections take effect only when the server starts
   * again.
   */
  #warnOfRestart({ audit, database }: Settings): void {
    const same =
      isDeepStrictEqual(database, this.#settings.database) &&
      isDeepStrictEqual(audit, this.#settings.audit)
    if (!same)
      this.#options.log.warn('changes of "database" and "audit" in the policy need a restart')
  }

  /** Logs each problem once: the file is read again and again, and would log it for ever. */
  #report(error: SettingsError): void {
    if (error.message === this.#problem) return
    this.#problem = error.message
    this.#options.metrics.countPolicyReload('failed')
    this.#options.log.error({ err: error }, 'policy not replaced, the last good one stays in force')
  }
}
