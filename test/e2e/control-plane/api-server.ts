import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reservePort } from '../../../src/database/embedded/embedded-server.js'
import { issueSelfSigned } from '../../../src/webhook/tls/self-signed.js'
import { type ChildProgram, startChild } from '../programs/child-program.js'
import { type ClusterAddress, formatTokenFile, type TokenUser } from './kubeconfig.js'
import { type ReadinessWait, waitUntilReady } from './readiness.js'

/** Everything an API server needs to start, and to start again at the same address. */
export interface ApiServerSetup {
  readonly program: string
  readonly folder: string
  readonly arguments: readonly string[]
  readonly cluster: ClusterAddress
}

export interface ApiServerOptions {
  readonly program: string
  readonly folder: string
  readonly etcdUrl: string
  readonly users: readonly TokenUser[]
  /** Added last, so they win. */
  readonly arguments: readonly string[]
}

/** Writes its certificate, keys and tokens into the folder and chooses its port. */
export async function prepareApiServer(options: ApiServerOptions): Promise<ApiServerSetup> {
  const { program, folder } = options
  const port = await reservePort()
  const certificate = await issueSelfSigned({ dnsNames: [], ipAddresses: [], days: 1 })
  const files = {
    'serving.crt': certificate.cert,
    'serving.key': certificate.key,
    'service-account.key': newServiceAccountKey(),
    'tokens.csv': formatTokenFile(options.users),
  }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o600 })
  }
  return {
    program,
    folder,
    arguments: [...apiServerArguments(options, port), ...options.arguments],
    cluster: { url: `https://127.0.0.1:${port}`, authority: certificate.ca },
  }
}

/** One that can be stopped and started again, with the same data and at the same address. */
export class RestartableApiServer {
  readonly #setup: ApiServerSetup
  readonly #readiness: Omit<ReadinessWait, 'program'>
  #program: ChildProgram | null = null

  constructor(setup: ApiServerSetup, readiness: Omit<ReadinessWait, 'program'>) {
    this.#setup = setup
    this.#readiness = readiness
  }

  /** Resolves when it is ready. @throws ControlPlaneError, see {@link waitUntilReady}. */
  async start(): Promise<void> {
    const { program, arguments: args, folder } = this.#setup
    const logFile = join(folder, 'kube-apiserver.log')
    this.#program = await startChild('kube-apiserver', { program, arguments: args, logFile })
    await waitUntilReady({ program: this.#program, ...this.#readiness })
  }

  /** Does nothing when it is stopped already. */
  async stop(): Promise<void> {
    await this.#program?.stop()
    this.#program = null
  }
}

/** Signs the tokens of service accounts. */
function newServiceAccountKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'sec1', format: 'pem' }) as string
}

/** The admission plugins are the default ones. */
function apiServerArguments({ folder, etcdUrl }: ApiServerOptions, port: number): string[] {
  const file = (name: string) => join(folder, name)
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${file('certificates')}`,
    `--tls-cert-file=${file('serving.crt')}`,
    `--tls-private-key-file=${file('serving.key')}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${file('tokens.csv')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('service-account.key')}`,
    `--service-account-signing-key-file=${file('service-account.key')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    // No Endpoints of its own: the address of loopback is not allowed there.
    '--endpoint-reconciler-type=none',
    '--profiling=false',
  ]
}
