#!/usr/bin/env node
import { ownValue } from './atlas/text/own-value.js'
import type { Adapters, InputAdapters } from './cli/input/adapters.js'
import { auditCommand } from './cli/audit/command.js'
import { type Arguments, type Environment, parseArguments } from './cli/line/arguments.js'
import type { CheckAdapters } from './cli/check/judge-manifests.js'
import { checkCommand } from './cli/check/command.js'
import type { Command } from './cli/line/command.js'
import type { ConsolidateAdapters } from './cli/consolidate/consolidate.js'
import { commands } from './cli/commands.js'
import { compareCommand } from './cli/compare/command.js'
import { consolidateCommand } from './cli/consolidate/command.js'
import { demoCommand } from './cli/demo/command.js'
import { explainCommand } from './cli/explain/command.js'
import { exitCodeOf, failureLine } from './cli/line/exit-code.js'
import { exportCommand } from './cli/compare/export-command.js'
import { commandHelp, programHelp } from './cli/help.js'
import { helpCommand } from './cli/help-command.js'
import { openOutput } from './cli/output/output.js'
import { outputFailure } from './cli/output/output-error.js'
import { ProcessFaults } from './gate/process-faults.js'
import { rulesCommand } from './cli/rules/command.js'
import { serveCommand } from './cli/serve/command.js'
import { readStandardInput } from './cli/input/standard-input.js'
import { UsageError } from './cli/line/usage-error.js'
import { readVersion } from './gate/version.js'
import { versionCommand } from './cli/version-command.js'
import { nearestName } from './policy/text/nearest-name.js'

/** Rejections that nothing handles come here too, because Node raises them as exceptions. */
const faults = new ProcessFaults(error => {
  fail(error)
  process.exit()
})
const output = openOutput(process.stdout)
const { print } = output

/**
 * The function of each command. Modules are loaded only for the command that needs them, because
 * most take long to load.
 */
const runners: Readonly<Record<string, (args: Arguments) => Promise<number>>> = {
  [serveCommand.name]: async args => {
    const { serve } = await import('./cli/serve/serve.js')
    return serve(args, await loadAdapters(), faults)
  },
  [auditCommand.name]: async args => {
    const { audit } = await import('./cli/audit/audit.js')
    const { openProgress } = await import('./cli/output/progress.js')
    const progress = openProgress(process.stderr)
    return audit(args, await loadObjectAdapters(), { output, progress })
  },
  [checkCommand.name]: async args => {
    const { check } = await import('./cli/check/check.js')
    return check(args, await loadCheckAdapters(), output)
  },
  [explainCommand.name]: async args => {
    const { explain } = await import('./cli/explain/explain.js')
    return explain(args, { ...(await loadAdapters()), ...(await loadCheckAdapters()) }, output)
  },
  [demoCommand.name]: async args => {
    const { demo } = await import('./cli/demo/demo.js')
    const { startEmbeddedPostgres } = await import('./database/embedded/embedded-postgres.js')
    const { createExampleDatabases } = await import('./database/embedded/example-databases.js')
    const adapters = {
      ...(await loadAdapters()),
      startPostgres: () => startEmbeddedPostgres(),
      createDatabases: createExampleDatabases,
    }
    return demo(args, adapters, output)
  },
  [compareCommand.name]: async args => {
    const { compare } = await import('./cli/compare/compare.js')
    const { buildPostgresReader } = await import('./database/postgres-reader.js')
    const { readTableExport } = await import('./database/export/table-export-file.js')
    const { readManifestInput } = await import('./manifests/read/manifest-input.js')
    const { readMigrationFolder } = await import('./manifests/read/migration-folder.js')
    const adapters = {
      buildReader: buildPostgresReader,
      readExport: readTableExport,
      readMigrationFolder,
      readManifests: readManifestInput,
    }
    return compare(args, adapters, output)
  },
  [exportCommand.name]: async args => {
    const { exportTable } = await import('./cli/compare/export.js')
    const { buildPostgresReader } = await import('./database/postgres-reader.js')
    const { printTableExport } = await import('./database/export/table-export.js')
    const adapters = {
      ...(await loadAdapters()),
      buildReader: buildPostgresReader,
      printTable: printTableExport,
    }
    return exportTable(args, adapters, output)
  },
  [rulesCommand.name]: async args => {
    const { printRules } = await import('./cli/rules/rules.js')
    return printRules(args, output)
  },
  [consolidateCommand.name]: async args => {
    const { openProgress } = await import('./cli/output/progress.js')
    const progress = openProgress(process.stderr)
    if (args.isSet('check')) {
      const { runConsolidationCheck } = await import('./cli/consolidate/check.js')
      return runConsolidationCheck(args, await loadObjectAdapters(), { output, progress })
    }
    const { consolidate } = await import('./cli/consolidate/consolidate.js')
    return consolidate(args, await loadConsolidateAdapters(), { output, progress })
  },
  [versionCommand.name]: async args => {
    const { printVersion } = await import('./cli/version-facts.js')
    return printVersion(args, output)
  },
  [helpCommand.name]: async ({ operands: [name] }) => {
    print(name === undefined ? programHelp() : commandHelp(findCommand(name)))
    return 0
  },
}

/**
 * Reads standard input. Its module is loaded at the start of the program: a Ctrl-C while it is
 * being loaded would be lost, and the wait would never end.
 */
function readInput(): Promise<string> {
  return readStandardInput(process.stdin, process)
}

async function loadInputAdapters(): Promise<InputAdapters> {
  const { readManifestInput } = await import('./manifests/read/manifest-input.js')
  const { readMigrationFolder } = await import('./manifests/read/migration-folder.js')
  const { buildDeliveryCluster } = await import('./manifests/delivery-cluster.js')
  return {
    readManifests: readManifestInput,
    readMigrationFolder,
    readStandardInput: readInput,
    buildDeliveryCluster,
    async readExport(file) {
      const { readTableExport } = await import('./database/export/table-export-file.js')
      return readTableExport(file)
    },
  }
}

/**
 * Loads everything but the database driver, which is loaded only when a database is connected to.
 */
async function loadCheckAdapters(): Promise<CheckAdapters> {
  const { whenChanged } = await import('./manifests/path-watch.js')
  return {
    ...(await loadInputAdapters()),
    whenChanged,
    async openReader(options) {
      const { buildPostgresReader } = await import('./database/postgres-reader.js')
      return buildPostgresReader(options)
    },
  }
}

async function loadAdapters(): Promise<Adapters> {
  const { openManifests } = await import('./manifests/manifests-cluster.js')
  const { formatManifestProblem } = await import('./manifests/text/manifest-problem.js')
  const { buildPostgresReader } = await import('./database/postgres-reader.js')
  return {
    async openManifests(folder) {
      const cluster = await openManifests(folder)
      return { ...cluster, problems: () => cluster.problems().map(formatManifestProblem) }
    },
    async openKubernetes(options) {
      // The Kubernetes client takes a second of CPU time and 80 MB to load.
      const { openKubernetes } = await import('./kubernetes/kubernetes-cluster.js')
      const cluster = await openKubernetes(options)
      return { ...cluster, problems: () => cluster.unreadable() }
    },
    async openCertificateStore(options) {
      const { openCertificateStore } =
        await import('./kubernetes/certificates/kubernetes-certificate-store.js')
      return openCertificateStore(options)
    },
    buildReader: buildPostgresReader,
  }
}

async function loadObjectAdapters(): Promise<Adapters & InputAdapters> {
  return { ...(await loadAdapters()), ...(await loadInputAdapters()) }
}

async function loadConsolidateAdapters(): Promise<ConsolidateAdapters> {
  const { readFile } = await import('node:fs/promises')
  const { editMigrationManifest } = await import('./manifests/write/migration-manifest.js')
  const { printConfigMap } = await import('./manifests/write/configmap-manifest.js')
  const folder = await import('./manifests/write/output-folder.js')
  const { startEmbeddedPostgres } = await import('./database/embedded/embedded-postgres.js')
  const { replay } = await import('./database/embedded/replay.js')
  return {
    ...(await loadObjectAdapters()),
    readText: file => readFile(file, 'utf8'),
    editMigration: editMigrationManifest,
    printConfigMap,
    readOutputFolder: folder.readOutputFolder,
    writeOutputFolder: folder.writeOutputFolder,
    startPostgres: () => startEmbeddedPostgres(),
    replay,
  }
}

async function run(argv: readonly string[], environment: Environment): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined) {
    process.stderr.write(`${programHelp()}\n`)
    return 2
  }
  if (name === '--help' || name === '-h') {
    print(programHelp())
    return 0
  }
  if (name === '--version' || name === '-v' || name === '-V') {
    print(readVersion())
    return 0
  }
  const command = findCommand(name)
  const args = parseArguments(command, rest, environment)
  if (args.help) {
    print(commandHelp(command))
    return 0
  }
  return ownValue(runners, command.name)!(args)
}

function findCommand(name: string): Command {
  const names = commands.map(command => command.name)
  const command = commands.find(command => command.name === name)
  if (command) return command
  const near = nearestName(name, [...names, '--version', '--help'])
  const hint = near === null ? 'see atlas-admission --help' : `did you mean ${near}?`
  throw new UsageError(`unknown command "${name}"; ${hint}`)
}

function fail(error: unknown): void {
  process.stderr.write(`${failureLine(error)}\n`)
  process.exitCode = exitCodeOf(error)
}

// When nobody reads the error message, the exit code still tells.
process.stderr.on('error', () => {})
process.stdout.once('error', error => {
  const failure = outputFailure(error)
  if (failure === null) return
  fail(failure)
  // The command may still go on and end with an exit code of its own.
  process.once('exit', () => (process.exitCode = exitCodeOf(failure)))
})
// Node itself would print the error's message, which may hold what must not be shown.
process.on('uncaughtException', error => faults.handle(error))

try {
  process.exitCode = await run(process.argv.slice(2), process.env)
} catch (error) {
  fail(error)
}
