import type { RulePage } from './rule-page.js'
import { appliedFileEdited } from './pages/applied-file-edited.js'
import { appliedFileMissing } from './pages/applied-file-missing.js'
import { baselineRequired } from './pages/baseline-required.js'
import { baselineUnknown } from './pages/baseline-unknown.js'
import { checkpointIneffective } from './pages/checkpoint-ineffective.js'
import { checksumMismatch } from './pages/checksum-mismatch.js'
import { checksumMissing } from './pages/checksum-missing.js'
import { configIncomplete } from './pages/config-incomplete.js'
import { configOverridesDirectory } from './pages/config-overrides-directory.js'
import { configmapNotFound } from './pages/configmap-not-found.js'
import { connectionPooler } from './pages/connection-pooler.js'
import { databaseError } from './pages/database-error.js'
import { devDatabaseIsTarget } from './pages/dev-database-is-target.js'
import { directoryEmpty } from './pages/directory-empty.js'
import { directoryMissing } from './pages/directory-missing.js'
import { downFlowInvalid } from './pages/down-flow-invalid.js'
import { fileIgnored } from './pages/file-ignored.js'
import { fileNameInvalid } from './pages/file-name-invalid.js'
import { fileNeverRuns } from './pages/file-never-runs.js'
import { fileNotRunnable } from './pages/file-not-runnable.js'
import { fileOutOfOrder } from './pages/file-out-of-order.js'
import { mergeConflictMarker } from './pages/merge-conflict-marker.js'
import { migrateDownIntended } from './pages/migrate-down-intended.js'
import { migrateDownPredicted } from './pages/migrate-down-predicted.js'
import { migrateDownUnsafe } from './pages/migrate-down-unsafe.js'
import { migrationInProgress } from './pages/migration-in-progress.js'
import { multipleDirectories } from './pages/multiple-directories.js'
import { nameTooLong } from './pages/name-too-long.js'
import { remoteUnpinned } from './pages/remote-unpinned.js'
import { revisionOrder } from './pages/revision-order.js'
import { revisionPartial } from './pages/revision-partial.js'
import { revisionTableElsewhere } from './pages/revision-table-elsewhere.js'
import { revisionTableEmpty } from './pages/revision-table-empty.js'
import { revisionTableIncomplete } from './pages/revision-table-incomplete.js'
import { revisionTableSeveralDirectories } from './pages/revision-table-several-directories.js'
import { revisionTableShared } from './pages/revision-table-shared.js'
import { secretNotFound } from './pages/secret-not-found.js'
import { targetMissing } from './pages/target-missing.js'
import { urlInvalid } from './pages/url-invalid.js'
import { versionDuplicate } from './pages/version-duplicate.js'
import { versionWidth } from './pages/version-width.js'

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
