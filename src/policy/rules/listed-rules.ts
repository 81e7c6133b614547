// Made by `npm run build` (docs/catalogue.mjs) from the files beside this one: do not edit.
import type { Rule } from '../facts/finding.js'
import { appliedFileEdited } from './applied-file-edited.js'
import { appliedFileMissing } from './applied-file-missing.js'
import { baselineRequired } from './baseline-required.js'
import { baselineSkipsFiles } from './baseline-skips-files.js'
import { baselineUnknown } from './baseline-unknown.js'
import { checkpointIneffective } from './checkpoint-ineffective.js'
import { checksumMismatch } from './checksum-mismatch.js'
import { checksumMissing } from './checksum-missing.js'
import { configIncomplete } from './config-incomplete.js'
import { configOverridesDirectory } from './config-overrides-directory.js'
import { configmapNotFound } from './configmap-not-found.js'
import { connectionPooler } from './connection-pooler.js'
import { databaseError } from './database-error.js'
import { databaseReadOnly } from './database-read-only.js'
import { devDatabaseIsTarget } from './dev-database-is-target.js'
import { directiveIneffective } from './directive-ineffective.js'
import { directoryEmpty } from './directory-empty.js'
import { directoryMissing } from './directory-missing.js'
import { downFlowInvalid } from './down-flow-invalid.js'
import { driftPolicyUnsupported } from './drift-policy-unsupported.js'
import { fieldUnknown } from './field-unknown.js'
import { fileIgnored } from './file-ignored.js'
import { fileNameInvalid } from './file-name-invalid.js'
import { fileNeverRuns } from './file-never-runs.js'
import { fileNotRunnable } from './file-not-runnable.js'
import { fileOutOfOrder } from './file-out-of-order.js'
import { fileRunsAgain } from './file-runs-again.js'
import { firstRunCollides } from './first-run-collides.js'
import { foreignMigrationFormat } from './foreign-migration-format.js'
import { mergeConflictMarker } from './merge-conflict-marker.js'
import { migrateDownIntended } from './migrate-down-intended.js'
import { migrateDownPredicted } from './migrate-down-predicted.js'
import { migrateDownUnsafe } from './migrate-down-unsafe.js'
import { migrationInProgress } from './migration-in-progress.js'
import { multipleDirectories } from './multiple-directories.js'
import { nameTooLong } from './name-too-long.js'
import { objectDeletesItself } from './object-deletes-itself.js'
import { pendingObjectExists } from './pending-object-exists.js'
import { privilegeMissing } from './privilege-missing.js'
import { remoteUnpinned } from './remote-unpinned.js'
import { revisionOrder } from './revision-order.js'
import { revisionPartial } from './revision-partial.js'
import { revisionTableElsewhere } from './revision-table-elsewhere.js'
import { revisionTableEmpty } from './revision-table-empty.js'
import { revisionTableIncomplete } from './revision-table-incomplete.js'
import { revisionTableSeveralDirectories } from './revision-table-several-directories.js'
import { revisionTableShared } from './revision-table-shared.js'
import { revisionsTableInFile } from './revisions-table-in-file.js'
import { searchPathCarried } from './search-path-carried.js'
import { secretNotFound } from './secret-not-found.js'
import { targetMissing } from './target-missing.js'
import { transactionInFile } from './transaction-in-file.js'
import { unreadHistory } from './unread-history.js'
import { urlInvalid } from './url-invalid.js'
import { versionClosesDirectory } from './version-closes-directory.js'
import { versionDuplicate } from './version-duplicate.js'
import { versionWidth } from './version-width.js'

/** Every rule, by the name of its file. */
export const listedRules: readonly Rule[] = [
  appliedFileEdited,
  appliedFileMissing,
  baselineRequired,
  baselineSkipsFiles,
  baselineUnknown,
  checkpointIneffective,
  checksumMismatch,
  checksumMissing,
  configIncomplete,
  configOverridesDirectory,
  configmapNotFound,
  connectionPooler,
  databaseError,
  databaseReadOnly,
  devDatabaseIsTarget,
  directiveIneffective,
  directoryEmpty,
  directoryMissing,
  downFlowInvalid,
  driftPolicyUnsupported,
  fieldUnknown,
  fileIgnored,
  fileNameInvalid,
  fileNeverRuns,
  fileNotRunnable,
  fileOutOfOrder,
  fileRunsAgain,
  firstRunCollides,
  foreignMigrationFormat,
  mergeConflictMarker,
  migrateDownIntended,
  migrateDownPredicted,
  migrateDownUnsafe,
  migrationInProgress,
  multipleDirectories,
  nameTooLong,
  objectDeletesItself,
  pendingObjectExists,
  privilegeMissing,
  remoteUnpinned,
  revisionOrder,
  revisionPartial,
  revisionTableElsewhere,
  revisionTableEmpty,
  revisionTableIncomplete,
  revisionTableSeveralDirectories,
  revisionTableShared,
  revisionsTableInFile,
  searchPathCarried,
  secretNotFound,
  targetMissing,
  transactionInFile,
  unreadHistory,
  urlInvalid,
  versionClosesDirectory,
  versionDuplicate,
  versionWidth,
]
