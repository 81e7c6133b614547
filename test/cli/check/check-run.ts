import type { Test } from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import { type CheckAdapters, judgeManifests } from '../../../src/cli/check/judge-manifests.js'
import { parseCheckOptions } from '../../../src/cli/check/options.js'
import { checkCommand } from '../../../src/cli/check/command.js'
import { readTableExport } from '../../../src/database/export/table-export-file.js'
import { buildDeliveryCluster } from '../../../src/manifests/delivery-cluster.js'
import { readManifestInput } from '../../../src/manifests/read/manifest-input.js'
import { readMigrationFolder } from '../../../src/manifests/read/migration-folder.js'
import { whenChanged } from '../../../src/manifests/path-watch.js'
import type { TableFacts } from '../../../src/policy/facts/facts.js'
import type { Report } from '../../../src/report/parts/report.js'
import { fakeReader } from '../../review/fakes.js'
import { makeFolder } from '../program.js'

export interface CheckedInput {
  /** Files of a folder that is made for the check, and checked, unless `argv` names others in it (`@/file`). */
  readonly files: Readonly<Record<string, string>>
  /** Arguments; `@` stands for the folder. */
  readonly argv?: readonly string[]
  readonly standardInput?: string
  /** By the name of the database. */
  readonly tables?: Readonly<Record<string, TableFacts>>
  readonly adapters?: Partial<CheckAdapters>
}

/** Adapters that read real files and know the tables that are given. */
export function checkAdapters({ tables = {}, standardInput = '' }: CheckedInput): CheckAdapters {
  return {
    readManifests: readManifestInput,
    readMigrationFolder,
    buildDeliveryCluster,
    openReader: async () => ({
      ...fakeReader(tables),
      close: async () => {},
    }),
    readExport: readTableExport,
    readStandardInput: async () => standardInput,
    whenChanged,
  }
}

/** Runs a check of files; paths in the report begin with `@`. */
export async function checkFiles(t: Test, input: CheckedInput): Promise<Report> {
  const folder = makeFolder(t, input.files)
  const argv = (input.argv ?? ['@']).map(text => text.replace('@', folder))
  const options = parseCheckOptions(parseArguments(checkCommand, argv, {}))
  const adapters = { ...checkAdapters(input), ...input.adapters }
  const report = await judgeManifests(options, adapters, new AbortController().signal)
  return JSON.parse(JSON.stringify(report).replaceAll(folder, '@')) as Report
}
