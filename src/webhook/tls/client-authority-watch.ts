import type { Logger } from 'pino'
import { readClientAuthority } from './client-authority.js'
import { type FileWatch, type FileWatchTiming, watchFiles } from '../../files/file-watch.js'
import type { Metrics } from '../metrics/metrics.js'
import type { ServingCertificate } from './serving-certificate.js'

export interface ClientAuthorityWatchOptions extends FileWatchTiming {
  readonly file: string
  readonly certificate: ServingCertificate
  /** To close the connections that were accepted under the old authorities. */
  readonly onReplaced: () => void
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * Loads --client-ca again when it changes, until closed. A file that cannot be used leaves the old
 * authorities in place.
 */
export function watchClientAuthority(options: ClientAuthorityWatchOptions): FileWatch {
  const { file, certificate, onReplaced, log, metrics } = options
  let problem = ''
  const onLook = async () => {
    try {
      const pem = await readClientAuthority(file)
      problem = ''
      if (pem === certificate.clientAuthority) return
      certificate.replaceClientAuthority(pem)
      onReplaced()
      metrics.countClientAuthorityReload('loaded')
      log.info('client authorities loaded again')
    } catch (error) {
      // Each problem is reported once: polling would repeat it for ever.
      if (String(error) === problem) return
      problem = String(error)
      metrics.countClientAuthorityReload('failed')
      log.error({ err: error }, 'client authorities not replaced, the old ones stay')
    }
  }
  return watchFiles({ ...options, files: [file], onLook })
}
