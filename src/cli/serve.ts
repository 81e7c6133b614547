import type { Logger } from 'pino'
import { ruleIds } from '../policy/catalogue.js'
import type { Settings } from '../policy/settings.js'
import type { GateOptions } from '../webhook/gate.js'
import { buildLogger, type LoggerOptions } from '../webhook/logger.js'
import type { CertificateFiles } from '../webhook/tls.js'
import type { Adapters, PooledReader } from './adapters.js'
import type { Arguments } from './arguments.js'
import { openCluster, parseClusterChoice } from './cluster-choice.js'
import { parseDuration } from './duration.js'
import { parseEndpoint } from './endpoint.js'
import { Resources } from './resources.js'
import { startReviewing } from './running-gate.js'
import { readSettings } from './settings-file.js'
import { watchProcess } from './stop-signal.js'
import { UsageError } from './usage-error.js'

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

/** Serves until a stop signal; resolves to the exit code. */
export async function serve(args: Arguments, adapters: Adapters): Promise<number> {
  const options = gateOptions(args)
  const choice = parseClusterChoice(args)
  const log = buildLogger({ level: logLevel(args) })
  const resources = new Resources()
  const signal = watchProcess(['SIGINT', 'SIGTERM'])
  try {
    const settings = await readSettings(args.value('policy'), ruleIds)
    const opened = await openCluster(choice, adapters, log)
    resources.add(opened.cluster, async open => open.close())
    const reader = resources.add(openReader(settings, log, adapters), open => open.close())
    const sources = { ...opened, audited: opened, reader, settings, log }
    const gate = await startReviewing(options, sources)
    resources.add(gate, open => open.stop())
    log.info({ url: gate.url, metricsUrl: gate.metricsUrl }, 'serving')
    await signal.received
    log.info('stop signal: draining')
  } finally {
    await resources.releaseAll()
    signal.close()
  }
  return 0
}

function openReader({ database }: Settings, log: Logger, adapters: Adapters): PooledReader {
  return adapters.buildReader({
    limits: database,
    onFailure: (failure, code) => log.warn({ failure, code }, 'a database could not be read'),
  })
}

function gateOptions(args: Arguments): GateOptions {
  const metrics = args.text('metrics-listen')
  return {
    listen: parseEndpoint(args.text('listen'), 'listen'),
    metricsListen: metrics === 'off' ? null : parseEndpoint(metrics, 'metrics-listen'),
    certificateFiles: certificateFiles(args),
    drainDelayMs: parseDuration(args.text('drain-delay'), 'drain-delay'),
  }
}

function certificateFiles(args: Arguments): CertificateFiles | null {
  const certFile = args.value('tls-cert')
  const keyFile = args.value('tls-key')
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile }
  if (certFile === keyFile) return null
  throw new UsageError('--tls-cert and --tls-key belong together: give both or neither')
}

function logLevel(args: Arguments): LoggerOptions['level'] {
  const text = args.text('log-level')
  const level = logLevels.find(level => level === text)
  if (!level)
    throw new UsageError(`--log-level: expected one of ${logLevels.join(', ')}; found "${text}"`)
  return level
}
