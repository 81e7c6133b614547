import type { Logger } from 'pino'
import { serviceDnsNames } from '../../certificates/subject-names.js'
import { ruleIds } from '../../policy/rules/catalogue.js'
import type { DatabaseLimits } from '../../policy/settings/settings.js'
import type { GateOptions } from '../../webhook/gate.js'
import { buildLogger, type LoggerOptions } from '../../webhook/logger.js'
import type { PooledReader } from '../../gate/pooled-reader.js'
import type { Adapters } from '../input/adapters.js'
import type { Arguments } from '../line/arguments.js'
import { type CertificateChoice, parseCertificateChoice } from './certificate-choice.js'
import {
  accessOf,
  type ClusterChoice,
  openCluster,
  parseClusterChoice,
} from '../input/cluster-choice.js'
import { parseClientChoice } from './client-choice.js'
import { limitsAt } from '../input/database-limits.js'
import { parseDuration } from '../line/duration.js'
import { parseEndpoint } from '../line/endpoint.js'
import { internalFault } from '../line/exit-code.js'
import type { ProcessFaults } from '../../gate/process-faults.js'
import { Resources } from '../../gate/resources.js'
import type { CertificateSource } from '../../gate/rotating-certificate.js'
import { startReviewing } from '../../gate/running-gate.js'
import { inScope } from './scoped-cluster.js'
import { readSettings } from '../../gate/settings-file.js'
import { watchProcess } from '../line/stop-signal.js'
import { UsageError } from '../line/usage-error.js'

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

/** Serves until a stop signal, or until an error breaks the process. Resolves to the exit code. */
export async function serve(
  args: Arguments,
  adapters: Adapters,
  faults: ProcessFaults,
): Promise<number> {
  const certificateChoice = parseCertificateChoice(args)
  const options = gateOptions(args, certificateChoice)
  const choice = parseClusterChoice(args)
  const log = buildLogger({ level: logLevel(args) })
  const resources = new Resources()
  const signal = watchProcess(['SIGINT', 'SIGTERM'])
  try {
    const settings = await readSettings(args.value('policy'), ruleIds)
    const opened = inScope(await openCluster(choice, adapters, log), choice, certificateChoice)
    resources.add(opened.cluster, async open => open.close())
    const reader = resources.add(
      openReader(limitsAt(choice, settings.database), log, adapters),
      open => open.close(),
    )
    const certificate = await openCertificate(certificateChoice, choice, { adapters, resources })
    const policyFile = args.value('policy')
    const sources = {
      ...opened,
      ...certificate,
      audited: opened,
      reader,
      settings,
      policyFile,
      log,
      faults,
    }
    const gate = await startReviewing(options, sources)
    resources.add(gate, open => open.stop())
    log.info({ url: gate.url, metricsUrl: gate.metricsUrl }, 'serving')
    const broken = faults.broken.then(() => internalFault)
    const code = await Promise.race([signal.received.then(() => 0), broken])
    log.info(code === 0 ? 'stop signal: draining' : 'a fault broke the process: draining')
    return code
  } finally {
    await resources.releaseAll()
    signal.close()
  }
}

function openReader(limits: DatabaseLimits, log: Logger, adapters: Adapters): PooledReader {
  return adapters.buildReader({
    limits,
    onFailure: (failure, code) => log.warn({ failure, code }, 'a database could not be read'),
  })
}

function gateOptions(args: Arguments, certificate: CertificateChoice): GateOptions {
  const metrics = args.text('metrics-listen')
  return {
    listen: parseEndpoint(args.text('listen'), 'listen'),
    metricsListen: metrics === 'off' ? null : parseEndpoint(metrics, 'metrics-listen'),
    certificateFiles: certificate.kind === 'files' ? certificate.files : null,
    clients: parseClientChoice(args),
    drainDelayMs: parseDuration(args.text('drain-delay'), 'drain-delay'),
  }
}

/** Opens the rotation of the certificate; none when this process does not renew it. */
async function openCertificate(
  certificate: CertificateChoice,
  cluster: ClusterChoice,
  { adapters, resources }: { readonly adapters: Adapters; readonly resources: Resources },
): Promise<{ readonly certificate?: CertificateSource }> {
  if (certificate.kind !== 'cluster' || cluster.kind !== 'kubernetes') return {}
  const { service, configurations } = certificate
  const store = await adapters.openCertificateStore({
    access: accessOf(cluster),
    secret: { ...certificate.secret, installation: `${service.namespace}/${service.name}` },
    configurations,
  })
  resources.add(store, async open => open.close())
  return { certificate: { store, dnsNames: serviceDnsNames(service) } }
}

function logLevel(args: Arguments): LoggerOptions['level'] {
  const text = args.text('log-level')
  const level = logLevels.find(level => level === text)
  if (!level)
    throw new UsageError(`--log-level: expected one of ${logLevels.join(', ')}; found "${text}"`)
  return level
}
