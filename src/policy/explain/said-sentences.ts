import type { EngineErrorType } from '../../atlas/directory/engine-error.js'
import { validateDirectory } from '../../atlas/directory/validate.js'
import type { Facts } from '../facts/facts.js'
import { down, fact, failsWith, found, moved, perhaps, type SentenceCause } from './said-cause.js'
import type { Situation } from './said-cause.js'

/** A sentence of the operator or of Atlas that people ask about, with its possible causes. */
export interface Sentence {
  /**
   * Parts of the sentence in lower case. One of them is enough, because versions word it
   * differently.
   */
  readonly words?: readonly string[]
  /** A word that stands alone in a short text. */
  readonly exact?: string
  readonly meaning: string
  /** What not to do, or what helps whatever the cause is; empty for nothing. */
  readonly advice: string
  /** The causes, the likelier first. */
  readonly causes: readonly SentenceCause[]
}

/** Why the operator takes what it finds for a downgrade, the likelier first. */
export const downCauses: readonly SentenceCause[] = [
  { text: 'another directory writes into the same revisions table', look: down('shared') },
  { text: 'a file was added that is older than one that ran', look: down('late') },
  {
    text: 'files that ran were given another version, or joined in one (a rebase or a squash)',
    look: moved,
  },
  { text: 'files that ran were removed from the directory', look: down('removed') },
  { text: 'old files were squashed into a checkpoint and deleted', look: down('squashed') },
  { text: 'the directory is empty', look: down('emptied') },
  {
    text: 'rows without a file are of unknown origin: a restored or moved database, or a directory that is gone, may have brought them',
    look: down('unknown'),
  },
  {
    text: 'the database orders the versions otherwise than Atlas',
    look: found('revision-order'),
  },
]

/**
 * The error of atlas.sum. It is known without the database, because the operator stops before it
 * connects.
 */
const checksumError = ({ facts: { directory } }: Situation) =>
  directory.kind === 'read' ? validateDirectory(directory.directory) : null

const checksumReason = (reason: 'added' | 'edited' | 'removed') => (situation: Situation) =>
  checksumError(situation)?.checksum?.reason === reason

const checksumType = (type: EngineErrorType) => (situation: Situation) =>
  checksumError(situation)?.type === type

const isDirStateAbsent = ({ dirState }: Facts) =>
  dirState.kind === 'unread' ? null : dirState.kind === 'absent'

const isAmbiguous = ({ facts: { table } }: Situation) => table.kind === 'read' && table.ambiguous

const isPermission = ({ facts: { table } }: Situation) =>
  table.kind === 'failed' && table.failure === 'permission'

const sharedTable: SentenceCause = {
  text: 'another AtlasMigration writes into the same revisions table',
  look: found('revision-table-shared'),
}

/** The sentences in the order in which a text is compared with them, the narrower ones first. */
export const sentences: readonly Sentence[] = [
  {
    words: ['migrate down is not allowed', 'migratedown.allow'],
    meaning:
      'the operator found nothing pending and fewer files than rows, took it for a downgrade, and spec.protectedFlows allows none',
    advice:
      'do not set migrateDown.allow to be rid of it: that ends in "no dir-state found", a crash, or reverted data',
    causes: downCauses,
  },
  {
    words: ['no dir-state found'],
    meaning:
      'the operator wants to migrate down, is allowed to, and has not stored the directory that it would need',
    advice: 'repair the reason why it goes down, and turn migrateDown.allow off again',
    causes: [
      {
        text: 'the operator never got through a reconcile of this AtlasMigration in this cluster, or its Secret was deleted',
        look: fact({
          holds: isDirStateAbsent,
          because: 'there is no dir-state Secret of this AtlasMigration',
          remedy: 'repair the reason why it goes down: no dir-state is needed then',
        }),
      },
      ...downCauses,
    ],
  },
  {
    words: ['checksum mismatch', 'checksum error in your migration directory'],
    meaning: 'atlas.sum is not that of the files; nothing runs until it is',
    advice: 'compare with the files that were hashed before running "atlas migrate hash"',
    causes: [
      {
        text: 'a file was edited after atlas.sum was written, also by an editor, Git or YAML on the way',
        look: found('checksum-mismatch', checksumReason('edited')),
      },
      {
        text: 'a file was added without a new atlas.sum',
        look: found('checksum-mismatch', checksumReason('added')),
      },
      {
        text: 'a file was removed without a new atlas.sum',
        look: found('checksum-mismatch', checksumReason('removed')),
      },
      {
        text: 'atlas.sum itself was edited or merged by hand',
        look: found('checksum-mismatch', checksumType('ErrChecksumMismatch')),
      },
      { text: 'a merge left its markers', look: found('merge-conflict-marker') },
    ],
  },
  {
    words: ['checksum file format invalid'],
    meaning: 'atlas.sum cannot be read',
    advice: '',
    causes: [
      {
        text: 'a line of atlas.sum is blank or no name with a hash',
        look: found('checksum-mismatch', checksumType('ErrChecksumFormat')),
      },
      { text: 'a merge left its markers', look: found('merge-conflict-marker') },
    ],
  },
  {
    words: ['checksum file not found'],
    meaning: 'the directory has migration files and no atlas.sum',
    advice: '',
    causes: [{ text: 'atlas.sum is not in the directory', look: found('checksum-missing') }],
  },
  {
    words: ['database is not clean', 'baseline version or allow-dirty'],
    meaning: 'Atlas finds no history where it looks, and a database that is not empty',
    advice: '',
    causes: [
      {
        text: 'the database is older than its migrations, and no baseline is set',
        look: found('baseline-required'),
      },
      {
        text: 'an earlier attempt left an empty revisions table, which a baseline does not repair',
        look: found('revision-table-empty'),
      },
      {
        text: 'the revisions table is in another schema',
        look: found('revision-table-elsewhere', situation => !isAmbiguous(situation)),
      },
      {
        text: 'the database was moved or restored without its revisions table',
        look: found('revision-table-incomplete'),
      },
    ],
  },
  {
    words: ['added out of order', 'non-linear-error'],
    meaning: 'a file without a row is older than a version that ran',
    advice: '',
    causes: [
      {
        text: 'a file was added that is older than one that ran, as branches merged in another order do',
        look: found('file-out-of-order'),
      },
      { text: 'the same, with nothing newer pending', look: down('late') },
      {
        text: 'versions of different length sort in another order than their numbers',
        look: found('version-width'),
      },
      sharedTable,
      {
        text: 'another directory, which is gone, wrote newer rows into the table',
        look: found('revision-table-several-directories'),
      },
    ],
  },
  {
    words: ['history changed'],
    meaning:
      'a file failed half-way, and the statements that ran are not those of the file any more',
    advice: '',
    causes: [
      {
        text: 'statements that ran were changed to repair the file',
        look: found('revision-partial', failsWith('HistoryChangedError')),
      },
      sharedTable,
    ],
  },
  {
    words: ['partially applied but migration file', 'migration file with version'],
    meaning: 'a file failed half-way, and Atlas does not find it to go on',
    advice: '',
    causes: [
      {
        text: 'the file that failed was removed or renamed',
        look: found('revision-partial', failsWith('MissingMigrationError', 'StatusFileNotFound')),
      },
      sharedTable,
    ],
  },
  {
    words: ['lock is held by other session', 'acquiring database lock'],
    meaning:
      'another session of this database holds the lock of "migrate apply" for longer than ten seconds',
    advice: 'the lock is one for the whole database, whatever schema the revisions table is in',
    causes: [
      {
        text: 'a migration is still running, or hangs, or its session was never closed',
        look: found('migration-in-progress'),
      },
      sharedTable,
      {
        text: 'a connection pooler keeps the session, and its lock, of a migration that is over',
        look: found('connection-pooler'),
      },
      {
        text: 'an AtlasDriftCheck of this AtlasMigration is at work, which takes the same lock',
        look: perhaps,
      },
    ],
  },
  {
    words: ['no target database'],
    meaning: 'the operator does not know which database to migrate',
    advice: '',
    causes: [
      { text: 'the spec names no database', look: found('target-missing') },
      { text: 'the custom config is not complete', look: found('config-incomplete') },
    ],
  },
  {
    words: ['cannot use both configmaps'],
    meaning: 'spec.dir names two directories, and the operator stops before it reads either',
    advice: '',
    causes: [
      {
        text: 'spec.dir.local and spec.dir.configMapRef are both set',
        look: found('multiple-directories'),
      },
    ],
  },
  {
    words: ['no directory specified'],
    meaning: 'the operator does not know which files to run',
    advice: '',
    causes: [{ text: 'spec.dir names no directory', look: found('directory-missing') }],
  },
  {
    words: ['without autoapprove for local', 'autoapprove is not allowed for a remote'],
    meaning: 'the two switches of spec.protectedFlows.migrateDown do not go together',
    advice: '',
    causes: [
      { text: 'one of them is set as for the other kind', look: found('down-flow-invalid') },
    ],
  },
  {
    words: ['index out of range', 'slice bounds', 'no available files', 'nil pointer'],
    meaning: 'the operator, or Atlas itself, crashed',
    advice: '',
    causes: [
      {
        text: 'migrate down is allowed, and there is no file to go down to',
        look: found('migrate-down-unsafe', ({ down }) => down?.target === null),
      },
      { text: 'two files have one version', look: found('version-duplicate') },
      {
        text: 'atlas.sum lists a file twice',
        look: found('checksum-mismatch', checksumType('panic')),
      },
      {
        text: 'the counters of a partially applied row contradict each other, or its file lost statements',
        look: found('revision-partial', failsWith('panic')),
      },
      {
        text: 'the database orders the versions otherwise than Atlas',
        look: found('revision-order'),
      },
      {
        text: 'a remote directory has a custom config without its token',
        look: found('config-incomplete'),
      },
    ],
  },
  {
    words: ['ambiguous revision table', 'revision table in the connected schema'],
    meaning: 'the URL names a schema without a revisions table, and the default schema has one',
    advice: '',
    causes: [
      {
        text: 'the URL was bound to a schema after the first migrations ran',
        look: found('revision-table-elsewhere', isAmbiguous),
      },
    ],
  },
  {
    words: ['baseline version'],
    meaning: 'the baseline names no version of the directory',
    advice: '',
    causes: [
      { text: 'spec.baseline is not the version of a file', look: found('baseline-unknown') },
    ],
  },
  {
    words: [
      'permission denied',
      'must be owner of',
      'no schema has been selected to create in',
      'row-level security policy',
    ],
    meaning: 'the role of the URL got in, and may not do what Atlas or a file asks of the database',
    advice: 'grant the role what it lacks: another try does not help',
    causes: [
      {
        text: 'the role may not make, read or write the revisions table, or a file changes what belongs to another role',
        look: found('privilege-missing'),
      },
      {
        text: 'search_path or spec.revisionsSchema is a list, is quoted, or has capital letters or blanks',
        look: found('url-invalid'),
      },
      {
        text: 'the role may not log in, or not read the revisions table',
        look: found('database-error', isPermission),
      },
    ],
  },
  {
    words: ['read-only transaction', 'during recovery'],
    meaning: 'the database takes no writes of this role',
    advice: '',
    causes: [
      {
        text: 'the server is a standby, or transactions are read-only by default',
        look: found('database-read-only'),
      },
    ],
  },
]
