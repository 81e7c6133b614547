import { EventEmitter } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import { type ConsolidateAdapters, consolidate } from '../../../src/cli/consolidate/consolidate.js'
import { openOutput } from '../../../src/cli/output/output.js'
import { consolidateCommand } from '../../../src/cli/consolidate/command.js'
import { readTableExport } from '../../../src/database/export/table-export-file.js'
import { printConfigMap } from '../../../src/manifests/write/configmap-manifest.js'
import { buildDeliveryCluster } from '../../../src/manifests/delivery-cluster.js'
import { readManifestInput } from '../../../src/manifests/read/manifest-input.js'
import { formatManifestProblem } from '../../../src/manifests/text/manifest-problem.js'
import { openManifests } from '../../../src/manifests/manifests-cluster.js'
import { readMigrationFolder } from '../../../src/manifests/read/migration-folder.js'
import { editMigrationManifest } from '../../../src/manifests/write/migration-manifest.js'
import { readOutputFolder, writeOutputFolder } from '../../../src/manifests/write/output-folder.js'
import type { TableFacts } from '../../../src/policy/facts/facts.js'
import { fakeReader } from '../../review/fakes.js'
import { makeFolder } from '../program.js'

export type Files = Readonly<Record<string, string | Buffer>>

export interface ConsolidationInput {
  /** Paths in a folder that is made for it. */
  readonly files?: Files
  /** `@` stands for that folder. */
  readonly argv: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** By the name of the database. */
  readonly tables?: Readonly<Record<string, TableFacts>>
  readonly adapters?: Partial<ConsolidateAdapters>
  readonly colors?: boolean
}

export interface ConsolidationRun {
  readonly folder: string
  /** null when it failed. */
  readonly code: number | null
  readonly error: Error | null
  /** With `@` for the folder. */
  readonly stdout: string
  readonly stages: readonly string[]
}

/* c8 ignore start - no test that is right gets here */
function unavailable(): Promise<never> {
  return Promise.reject(new Error('not here'))
}
/* c8 ignore stop */

/** Adapters that read real files and know the tables that are given. */
function buildAdapters({ tables = {} }: ConsolidationInput): ConsolidateAdapters {
  return {
    async openManifests(folder) {
      const cluster = await openManifests(folder)
      return { ...cluster, problems: () => cluster.problems().map(formatManifestProblem) }
    },
    openKubernetes: unavailable,
    readManifests: readManifestInput,
    readMigrationFolder,
    readStandardInput: unavailable,
    readText: async file => readFileSync(file, 'utf8'),
    buildDeliveryCluster,
    editMigration: editMigrationManifest,
    printConfigMap,
    readOutputFolder,
    writeOutputFolder,
    readExport: readTableExport,
    buildReader: () => ({ ...fakeReader(tables), close: async () => {} }),
    startPostgres: unavailable,
    replay: unavailable,
  }
}

export async function runConsolidation(
  t: Test,
  input: ConsolidationInput,
): Promise<ConsolidationRun> {
  const folder = makeFolder(t)
  writeFiles(folder, input.files ?? {})
  const { argv, environment = {}, colors = false } = input
  const placed = argv.map(text => text.replace('@', folder))
  const lines: string[] = []
  const stages: string[] = []
  const stream = Object.assign(new EventEmitter(), {
    write: (text: string) => lines.push(text.slice(0, -1)),
    hasColors: () => colors,
  })
  const output = openOutput(stream)
  const progress = { step: (text: string) => void stages.push(text), count() {}, end() {} }
  const adapters = { ...buildAdapters(input), ...input.adapters }
  let code: number | null = null
  let error: Error | null = null
  try {
    const args = parseArguments(consolidateCommand, placed, environment)
    code = await consolidate(args, adapters, { output, progress })
  } catch (thrown) {
    error = thrown as Error
    error.message = error.message.replaceAll(folder, '@')
  }
  return { folder, code, error, stdout: lines.join('\n').replaceAll(folder, '@'), stages }
}

export function writeFiles(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
}

/** The files of a directory, below a folder. */
export function below(folder: string, files: Files): Files {
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]),
  )
}
