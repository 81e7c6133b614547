import { watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import type { Metrics } from './metrics.js'
import type { ServingCertificate } from './serving-certificate.js'
import { readCertificatePair, type CertificateFiles } from './tls.js'

/** The kubelet swaps a Secret within a minute or so; a poll finds what a watch misses (network file systems, a replaced folder). */
const POLL_MS = 30_000

/** A writer that is no kubelet writes two files, one after the other: wait until both are there. */
const DEBOUNCE_MS = 250

export interface CertificateWatchOptions {
  readonly files: CertificateFiles
  readonly certificate: ServingCertificate
  readonly log: Logger
  readonly metrics: Metrics
  readonly pollMs?: number
  readonly debounceMs?: number
}

/** Loads the certificate files again when they change, until closed. A pair that cannot be used leaves the old one in place. */
export class CertificateWatch {
  readonly #options: CertificateWatchOptions
  readonly #watchers: FSWatcher[] = []
  readonly #poll: NodeJS.Timeout
  #debounce: NodeJS.Timeout | undefined
  #problem = ''

  constructor(options: CertificateWatchOptions) {
    this.#options = options
    // The folder, not the file: the kubelet renames `..data`, which a watch on the file never sees.
    const folders = [options.files.certFile, options.files.keyFile].map(file => dirname(file))
    for (const folder of new Set(folders)) this.#watchFolder(folder)
    this.#poll = setInterval(() => void this.#reload(), options.pollMs ?? POLL_MS).unref()
  }

  close(): void {
    clearInterval(this.#poll)
    clearTimeout(this.#debounce)
    for (const watcher of this.#watchers) watcher.close()
  }

  #watchFolder(folder: string): void {
    const failed = () => this.#options.log.warn({ folder }, 'folder is not watched, only polled')
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#schedule())
      this.#watchers.push(watcher.on('error', failed))
    } catch {
      // No inotify instances left, or no such folder.
      failed()
    }
  }

  #schedule(): void {
    clearTimeout(this.#debounce)
    const delay = this.#options.debounceMs ?? DEBOUNCE_MS
    this.#debounce = setTimeout(() => void this.#reload(), delay).unref()
  }

  async #reload(): Promise<void> {
    const { files, certificate, log, metrics } = this.#options
    try {
      const pair = await readCertificatePair(files)
      this.#problem = ''
      if (pair.cert === certificate.pair.cert && pair.key === certificate.pair.key) return
      certificate.replace(pair)
      metrics.countCertificateReload('loaded')
      log.info({ expiresAt: pair.expiresAt }, 'serving certificate loaded again')
    } catch (error) {
      this.#report(error)
    }
  }

  /** Once per problem: a poll would repeat it for ever. */
  #report(error: unknown): void {
    const problem = String(error)
    if (problem === this.#problem) return
    this.#problem = problem
    this.#options.metrics.countCertificateReload('failed')
    this.#options.log.error({ err: error }, 'serving certificate not replaced, the old one stays')
  }
}
