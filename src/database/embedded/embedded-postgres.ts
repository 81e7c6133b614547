import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { platformPackage, resolveBinaries, runInPlace, stageBinaries } from './embedded-binaries.js'
import { EmbeddedPostgresError } from './embedded-postgres-error.js'
import { reservePort, runProgram, startServer, type RunningServer } from './embedded-server.js'
import { currentUser, readServerUser, type ServerUser } from './server-user.js'

/**
 * A PostgreSQL server that this process runs on 127.0.0.1. Its data are gone when it is stopped.
 */
export interface EmbeddedPostgres {
  readonly port: number
  /** The URL of one of its databases, for the superuser `postgres`. */
  url(database: string): string
  /** Ends the server and removes its folder. Calling it again does nothing. */
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /**
   * `scram`: every login needs its password. `trust`, the default, needs none, because only this
   * machine reaches the server.
   */
  readonly auth?: 'trust' | 'scram'
  /** Server settings in addition to {@link serverSettings}. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * Files to put into the data folder before the start, such as a certificate or pg_hba.conf. Only
   * the server can read them.
   */
  readonly files?: Readonly<Record<string, string>>
  /** Where the server's folder is made. Default: the system's temporary folder. */
  readonly temporaryFolder?: string
  /** Default: the package of this platform. */
  readonly packageName?: string
  /** Chooses the port to try. Called again when another process took the port meanwhile. */
  readonly choosePort?: () => Promise<number>
}

/** Nothing here outlives the process, so durability is given up for a start within a second. */
const serverSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  autovacuum: 'off',
  shared_buffers: '16MB',
  // The default of PostgreSQL 18 starts three more processes.
  io_method: 'sync',
}

/**
 * Ports that are tried. The race for a port is rarely lost; losing it three times means that
 * something else is wrong.
 */
const portAttempts = 3

/** The process id follows. The host name keeps containers apart that share a folder. */
const folderPrefix = `atlas-admission-postgres-${hostname()}-`

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    /* c8 ignore next - EPERM: it runs, as another user; not to be had by root */
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Removes folders of earlier processes. Nobody removes them after SIGKILL, so the next start does.
 */
async function removeStaleFolders(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(folderPrefix) ? parseInt(name.slice(folderPrefix.length), 10) : NaN
    if (pid > 0 && !isRunning(pid)) {
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined)
    }
  }
}

async function makeFolder(parent: string): Promise<string> {
  try {
    await removeStaleFolders(parent)
    const folder = await mkdtemp(join(parent, `${folderPrefix}${process.pid}-`))
    // The server's user must be able to pass through.
    await chmod(folder, 0o711)
    return folder
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `the built-in PostgreSQL needs a folder it can write below ${parent}: ` +
        `${(cause as NodeJS.ErrnoException).code}; set TMPDIR to another folder`,
      { cause },
    )
  }
}

/** One server in one folder. */
interface Installation {
  readonly folder: string
  readonly data: string
  readonly native: string
  readonly user: ServerUser | null
  readonly password: string | null
}

async function give(path: string, user: ServerUser | null): Promise<void> {
  /* c8 ignore next - Windows has no user ids */
  if (user === null) return
  await chown(path, user.uid, user.gid)
}

async function writePrivate(path: string, text: string, user: ServerUser | null): Promise<void> {
  await writeFile(path, text, { mode: 0o600 })
  await give(path, user)
}

async function initialize(installation: Installation): Promise<void> {
  const { folder, data, native, user, password } = installation
  await mkdir(data, { mode: 0o700 })
  await give(data, user)
  const passwordFile = join(folder, 'password')
  const auth =
    password === null ? ['--auth=trust'] : ['--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  if (password !== null) await writePrivate(passwordFile, password, user)
  await runProgram({
    program: join(native, 'bin', 'initdb'),
    arguments: [
      `--pgdata=${data}`,
      '--username=postgres',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
      '--no-data-checksums',
      '--wal-segsize=1',
      ...auth,
    ],
    folder,
    user,
  })
  await rm(passwordFile, { force: true })
}

async function startOnFreePort(
  { folder, data, native, user }: Installation,
  options: EmbeddedPostgresOptions,
): Promise<{ port: number; server: RunningServer }> {
  const settings = Object.entries({ ...serverSettings, ...options.settings })
  for (let attempt = 0; attempt < portAttempts; attempt++) {
    const port = await (options.choosePort ?? reservePort)()
    const server = await startServer({
      program: join(native, 'bin', 'postgres'),
      arguments: [
        '-D',
        data,
        '-p',
        `${port}`,
        ...settings.flatMap(([k, v]) => ['-c', `${k}=${v}`]),
      ],
      folder,
      user,
    })
    if (server !== null) return { port, server }
  }
  throw new EmbeddedPostgresError(
    `the built-in PostgreSQL found no free port on 127.0.0.1 in ${portAttempts} attempts; try again`,
  )
}

function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

async function install(
  folder: string,
  original: string,
  options: EmbeddedPostgresOptions,
): Promise<Installation> {
  const user = await readServerUser(currentUser())
  const native = (await runInPlace(original, process.getuid?.() === 0))
    ? original
    : await stageBinaries(original, folder)
  const password = options.auth === 'scram' ? randomBytes(18).toString('base64url') : null
  const installation = { folder, data: join(folder, 'data'), native, user, password }
  await initialize(installation)
  for (const [name, text] of Object.entries(options.files ?? {})) {
    await writePrivate(join(installation.data, name), text, user)
  }
  return installation
}

/**
 * Starts a PostgreSQL server from the npm package of this platform, as user `nobody` when this
 * process is root. The server ends with this process, however that ends; only
 * {@link EmbeddedPostgres.stop} removes its folder at once.
 * @throws EmbeddedPostgresError
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const original = resolveBinaries(
    options.packageName ?? platformPackage(process.platform, process.arch),
  )
  const folder = await makeFolder(options.temporaryFolder ?? tmpdir())
  try {
    const installation = await install(folder, original, options)
    const { port, server } = await startOnFreePort(installation, options)
    const login = installation.password === null ? 'postgres' : `postgres:${installation.password}`
    return {
      port,
      url: database =>
        `postgres://${login}@127.0.0.1:${port}/${encodeURIComponent(database)}?sslmode=disable`,
      stop: async () => {
        await server.stop()
        await removeFolder(folder)
      },
    }
  } catch (error) {
    await removeFolder(folder)
    throw error
  }
}
