import type { RulePage } from './rule-page.js'
import { appliedFileEdited } from './applied-file-edited.js'
import { appliedFileMissing } from './applied-file-missing.js'
import { baselineRequired } from './baseline-required.js'
import { baselineUnknown } from './baseline-unknown.js'
import { checkpointIneffective } from './checkpoint-ineffective.js'
import { checksumMismatch } from './checksum-mismatch.js'
import { checksumMissing } from './checksum-missing.js'
import { configIncomplete } from './config-incomplete.js'
import { configOverridesDirectory } from './config-overrides-directory.js'
import { configmapNotFound } from './configmap-not-found.js'
import { connectionPooler } from './connection-pooler.js'
import { databaseError } from './database-error.js'
import { devDatabaseIsTarget } from './dev-database-is-target.js'
import { directoryEmpty } from './directory-empty.js'
import { directoryMissing } from './directory-missing.js'
import { downFlowInvalid } from './down-flow-invalid.js'
import { fileIgnored } from './file-ignored.js'
import { fileNameInvalid } from './file-name-invalid.js'
import { fileNeverRuns } from './file-never-runs.js'
import { fileNotRunnable } from './file-not-runnable.js'
import { fileOutOfOrder } from './file-out-of-order.js'
import { mergeConflictMarker } from './merge-conflict-marker.js'
import { migrateDownIntended } from './migrate-down-intended.js'
import { migrateDownPredicted } from './migrate-down-predicted.js'
import { migrateDownUnsafe } from './migrate-down-unsafe.js'
import { migrationInProgress } from './migration-in-progress.js'
import { multipleDirectories } from './multiple-directories.js'
import { nameTooLong } from './name-too-long.js'
import { remoteUnpinned } from './remote-unpinned.js'
import { revisionOrder } from './revision-order.js'
import { revisionPartial } from './revision-partial.js'
import { revisionTableElsewhere } from './revision-table-elsewhere.js'
import { revisionTableEmpty } from './revision-table-empty.js'
import { revisionTableIncomplete } from './revision-table-incomplete.js'
import { revisionTableSeveralDirectories } from './revision-table-several-directories.js'
import { revisionTableShared } from './revision-table-shared.js'
import { secretNotFound } from './secret-not-found.js'
import { targetMissing } from './target-missing.js'
import { urlInvalid } from './url-invalid.js'
import { versionDuplicate } from './version-duplicate.js'
import { versionWidth } from './version-width.js'

/** The page of every rule, by its id. Text only: what judges does not load it. */
export const rulePages: ReadonlyMap<string, RulePage> = new Map(
  Object.entries<RulePage>({
    'directory-missing': directoryMissing,
    'multiple-directories': multipleDirectories,
    'target-missing': targetMissing,
    'down-flow-invalid': downFlowInvalid,
    'config-incomplete': configIncomplete,
    'config-overrides-directory': configOverridesDirectory,
    'dev-database-is-target': devDatabaseIsTarget,
    'name-too-long': nameTooLong,
    'url-invalid': urlInvalid,
    'file-name-invalid': fileNameInvalid,
    'remote-unpinned': remoteUnpinned,
    'checksum-missing': checksumMissing,
    'checksum-mismatch': checksumMismatch,
    'version-duplicate': versionDuplicate,
    'merge-conflict-marker': mergeConflictMarker,
    'file-not-runnable': fileNotRunnable,
    'directory-empty': directoryEmpty,
    'file-ignored': fileIgnored,
    'checkpoint-ineffective': checkpointIneffective,
    'version-width': versionWidth,
    'configmap-not-found': configmapNotFound,
    'secret-not-found': secretNotFound,
    'connection-pooler': connectionPooler,
    'revision-table-shared': revisionTableShared,
    'migrate-down-unsafe': migrateDownUnsafe,
    'migrate-down-predicted': migrateDownPredicted,
    'migrate-down-intended': migrateDownIntended,
    'revision-partial': revisionPartial,
    'revision-order': revisionOrder,
    'applied-file-missing': appliedFileMissing,
    'applied-file-edited': appliedFileEdited,
    'file-out-of-order': fileOutOfOrder,
    'file-never-runs': fileNeverRuns,
    'baseline-required': baselineRequired,
    'revision-table-empty': revisionTableEmpty,
    'baseline-unknown': baselineUnknown,
    'revision-table-several-directories': revisionTableSeveralDirectories,
    'revision-table-incomplete': revisionTableIncomplete,
    'revision-table-elsewhere': revisionTableElsewhere,
    'migration-in-progress': migrationInProgress,
    'database-error': databaseError,
  }),
)
