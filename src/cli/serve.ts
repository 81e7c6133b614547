import type { Logger } from 'pino'
import { ruleIds } from '../policy/catalogue.js'
import type { Settings } from '../policy/settings.js'
import type { GateOptions } from '../webhook/gate.js'
import { buildLogger, type LoggerOptions } from '../webhook/logger.js'
import type { CertificateFiles } from '../webhook/tls.js'
import type { Adapters, FollowedCluster, PooledReader } from './adapters.js'
import type { Arguments } from './arguments.js'
import { parseDuration } from './duration.js'
import { parseEndpoint } from './endpoint.js'
import { ManifestsError } from './manifests-error.js'
import { listMistakes } from './mistake-list.js'
import { Resources } from './resources.js'
import { startReviewing } from './running-gate.js'
import { readSettings } from './settings-file.js'
import { watchProcess } from './stop-signal.js'
import { UsageError } from './usage-error.js'

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

/** Serves until a stop signal; resolves to the exit code. */
export async function serve(args: Arguments, adapters: Adapters): Promise<number> {
  const options = gateOptions(args)
  const log = buildLogger({ level: logLevel(args) })
  const resources = new Resources()
  const signal = watchProcess(['SIGINT', 'SIGTERM'])
  try {
    const settings = await readSettings(args.value('policy'), ruleIds)
    const cluster = resources.add(await openCluster(args, adapters), async open => open.close())
    logProblems(cluster, log)
    const reader = resources.add(openReader(settings, log, adapters), open => open.close())
    const gate = await startReviewing(options, { cluster, reader, settings, log })
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

/** A cluster with holes would judge wrongly, so what cannot be read at the start ends the command. */
async function openCluster(args: Arguments, adapters: Adapters): Promise<FollowedCluster> {
  const folder = args.value('manifests')
  if (folder === undefined)
    throw new UsageError('serve needs --manifests DIR: a folder to take for the cluster')
  const cluster = await adapters.openManifests(folder)
  const problems = cluster.problems()
  if (problems.length === 0) return cluster
  cluster.close()
  throw new ManifestsError(`the manifests cannot be used\n${listMistakes(problems)}`)
}

/** Later mistakes in the files leave the last good objects in place, and are said each time they change. */
function logProblems(cluster: FollowedCluster, log: Logger): void {
  const skipped = cluster.skippedKinds()
  if (skipped.length > 0) log.info({ kinds: skipped }, 'objects of other kinds are skipped')
  let known = ''
  cluster.onChange(() => {
    const problems = cluster.problems()
    log.info({ migrations: cluster.migrations().length }, 'the manifests have changed')
    if (problems.length > 0 && problems.join('\n') !== known)
      log.error({ problems }, 'manifests that cannot be used; their last good objects still count')
    known = problems.join('\n')
  })
}
