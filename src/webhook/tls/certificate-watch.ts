import type { Logger } from 'pino'
import { type FileWatch, type FileWatchTiming, watchFiles } from '../../files/file-watch.js'
import type { Metrics } from '../metrics/metrics.js'
import type { ServingCertificate } from './serving-certificate.js'
import { readCertificatePair, type CertificateFiles } from './tls.js'

export interface CertificateWatchOptions extends FileWatchTiming {
  readonly files: CertificateFiles
  readonly certificate: ServingCertificate
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * Loads the certificate files again when they change, until closed. A pair that cannot be used
 * leaves the old one in place.
 */
export class CertificateWatch {
  readonly #options: CertificateWatchOptions
  readonly #watch: FileWatch
  #problem = ''

  constructor(options: CertificateWatchOptions) {
    this.#options = options
    const { certFile, keyFile } = options.files
    const onLook = () => this.#reload()
    this.#watch = watchFiles({ ...options, files: [certFile, keyFile], onLook })
  }

  close(): void {
    this.#watch.close()
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

  /** Reports each problem once: polling would repeat it for ever. */
  #report(error: unknown): void {
    const problem = String(error)
    if (problem === this.#problem) return
    this.#problem = problem
    this.#options.metrics.countCertificateReload('failed')
    this.#options.log.error({ err: error }, 'serving certificate not replaced, the old one stays')
  }
}
