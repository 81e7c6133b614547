import type { Rule } from './finding.js'
import { appliedFileEdited } from './rules/applied-file-edited.js'
import { appliedFileMissing } from './rules/applied-file-missing.js'
import { baselineRequired } from './rules/baseline-required.js'
import { baselineUnknown } from './rules/baseline-unknown.js'
import { checkpointIneffective } from './rules/checkpoint-ineffective.js'
import { checksumMismatch } from './rules/checksum-mismatch.js'
import { checksumMissing } from './rules/checksum-missing.js'
import { configIncomplete } from './rules/config-incomplete.js'
import { configOverridesDirectory } from './rules/config-overrides-directory.js'
import { configmapNotFound } from './rules/configmap-not-found.js'
import { connectionPooler } from './rules/connection-pooler.js'
import { databaseError } from './rules/database-error.js'
import { devDatabaseIsTarget } from './rules/dev-database-is-target.js'
import { directoryEmpty } from './rules/directory-empty.js'
import { directoryMissing } from './rules/directory-missing.js'
import { downFlowInvalid } from './rules/down-flow-invalid.js'
import { fileIgnored } from './rules/file-ignored.js'
import { fileNameInvalid } from './rules/file-name-invalid.js'
import { fileNeverRuns } from './rules/file-never-runs.js'
import { fileNotRunnable } from './rules/file-not-runnable.js'
import { fileOutOfOrder } from './rules/file-out-of-order.js'
import { mergeConflictMarker } from './rules/merge-conflict-marker.js'
import { migrateDownIntended } from './rules/migrate-down-intended.js'
import { migrateDownPredicted } from './rules/migrate-down-predicted.js'
import { migrateDownUnsafe } from './rules/migrate-down-unsafe.js'
import { migrationInProgress } from './rules/migration-in-progress.js'
import { multipleDirectories } from './rules/multiple-directories.js'
import { nameTooLong } from './rules/name-too-long.js'
import { remoteUnpinned } from './rules/remote-unpinned.js'
import { revisionOrder } from './rules/revision-order.js'
import { revisionPartial } from './rules/revision-partial.js'
import { revisionTableElsewhere } from './rules/revision-table-elsewhere.js'
import { revisionTableEmpty } from './rules/revision-table-empty.js'
import { revisionTableIncomplete } from './rules/revision-table-incomplete.js'
import { revisionTableSeveralDirectories } from './rules/revision-table-several-directories.js'
import { revisionTableShared } from './rules/revision-table-shared.js'
import { secretNotFound } from './rules/secret-not-found.js'
import { targetMissing } from './rules/target-missing.js'
import { urlInvalid } from './rules/url-invalid.js'
import { versionDuplicate } from './rules/version-duplicate.js'
import { versionWidth } from './rules/version-width.js'

/**
 * Every rule. The first denied one stands in the first line of a denial, so causes come before what follows from
 * them: the spec, then the directory, then what it refers to, then the live table (a shared table before the "down" it leads to).
 */
export const rules: readonly Rule[] = [
  directoryMissing,
  multipleDirectories,
  targetMissing,
  downFlowInvalid,
  configIncomplete,
  configOverridesDirectory,
  devDatabaseIsTarget,
  nameTooLong,
  urlInvalid,
  fileNameInvalid,
  remoteUnpinned,
  checksumMissing,
  checksumMismatch,
  versionDuplicate,
  mergeConflictMarker,
  fileNotRunnable,
  directoryEmpty,
  fileIgnored,
  checkpointIneffective,
  versionWidth,
  configmapNotFound,
  secretNotFound,
  connectionPooler,
  revisionTableShared,
  migrateDownUnsafe,
  migrateDownPredicted,
  migrateDownIntended,
  revisionPartial,
  revisionOrder,
  appliedFileMissing,
  appliedFileEdited,
  fileOutOfOrder,
  fileNeverRuns,
  baselineRequired,
  revisionTableEmpty,
  baselineUnknown,
  revisionTableSeveralDirectories,
  revisionTableIncomplete,
  revisionTableElsewhere,
  migrationInProgress,
  databaseError,
]

export const ruleIds: readonly string[] = rules.map(rule => rule.id)
