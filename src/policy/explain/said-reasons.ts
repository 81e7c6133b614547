import { found, perhaps } from './said-cause.js'
import { downCauses, type Sentence } from './said-sentences.js'

/**
 * The reasons of the Ready condition and of Events (operator 0.7 and 0.8). Argo CD's health check
 * shows nothing else, so a reason is often all that somebody has. Each is one word, which is sought
 * only in a short text, such as `reason: Migrating` or `Ready=False (Migrating)`.
 */
export const reasons: readonly Sentence[] = [
  {
    exact: 'Reconciling',
    meaning: 'the operator is at work on the object, or about to try again',
    advice: 'read the message of the Ready condition when it stays: kubectl describe',
    causes: [
      {
        text: 'a migration is running, or waits for the lock',
        look: found('migration-in-progress'),
      },
      { text: 'nothing is wrong: it has just begun', look: perhaps },
    ],
  },
  {
    exact: 'ReadingMigrationData',
    meaning:
      'the operator could not read what the spec refers to, and has not looked at the database',
    advice: '',
    causes: [
      { text: 'the ConfigMap is not there', look: found('configmap-not-found') },
      { text: 'a Secret or its key is not there', look: found('secret-not-found') },
      { text: 'the spec names no directory', look: found('directory-missing') },
      { text: 'the spec names two directories', look: found('multiple-directories') },
      { text: 'the spec names no database', look: found('target-missing') },
      { text: 'the URL cannot be parsed', look: found('url-invalid') },
      {
        text: 'the name of a file cannot be written to a folder',
        look: found('file-name-invalid'),
      },
      {
        text: 'the two switches of spec.protectedFlows.migrateDown do not go together',
        look: found('down-flow-invalid'),
      },
      {
        text: 'spec.policy.drift needs a directory in the registry',
        look: found('drift-policy-unsupported'),
      },
      {
        text: 'a custom config or a remote directory lacks something',
        look: found('config-incomplete'),
      },
    ],
  },
  {
    exact: 'CreatingAtlasClient',
    meaning: 'the operator could not make its working folder, or start Atlas in it',
    advice: 'look at the log of the operator, and at the space on its disk',
    causes: [{ text: 'its pod has no space or no right to write', look: perhaps }],
  },
  {
    exact: 'Login',
    meaning: 'Atlas Cloud did not accept the token',
    advice: '',
    causes: [
      { text: 'the token of spec.cloud.tokenFrom is wrong or has expired', look: perhaps },
      { text: 'a Secret or its key is not there', look: found('secret-not-found') },
    ],
  },
  {
    exact: 'WhoAmI',
    meaning: 'the operator asked Atlas who it is logged in as, and got no answer',
    advice: '',
    causes: [
      { text: 'the token of spec.cloud.tokenFrom is wrong or has expired', look: perhaps },
      { text: 'the image of the operator has the community build of Atlas', look: perhaps },
    ],
  },
  {
    exact: 'Migrating',
    meaning: 'Atlas refused or failed at "migrate status", "migrate apply" or "migrate down"',
    advice: 'the message of the condition says at which; ask for that with --said',
    causes: [
      { text: 'atlas.sum is not that of the files', look: found('checksum-mismatch') },
      { text: 'atlas.sum is not there', look: found('checksum-missing') },
      { text: 'two files have one version', look: found('version-duplicate') },
      { text: 'a file that is to run cannot run', look: found('file-not-runnable') },
      { text: 'a file is older than one that ran', look: found('file-out-of-order') },
      { text: 'a file failed half-way', look: found('revision-partial') },
      {
        text: 'the database is not empty, and no baseline is set',
        look: found('baseline-required'),
      },
      {
        text: 'an empty revisions table stands in a database that is not',
        look: found('revision-table-empty'),
      },
      { text: 'migrate down is allowed, and cannot be done', look: found('migrate-down-unsafe') },
      { text: 'the role lacks a right', look: found('privilege-missing') },
      { text: 'a file creates what is there already', look: found('pending-object-exists') },
      { text: 'somebody holds the lock', look: found('migration-in-progress') },
      { text: 'the database lets nobody in', look: found('database-error') },
      { text: 'a statement failed at the database', look: perhaps },
    ],
  },
  {
    exact: 'ProtectedFlowError',
    meaning: 'the operator took the rows for a downgrade, which spec.protectedFlows does not allow',
    advice:
      'do not set migrateDown.allow to be rid of it: that ends in "no dir-state found", a crash, or reverted data',
    causes: [
      ...downCauses,
      {
        text: 'the two switches of spec.protectedFlows.migrateDown do not go together',
        look: found('down-flow-invalid'),
      },
    ],
  },
  {
    exact: 'StoringDirState',
    meaning: 'the migrations ran, and the operator could not store the directory in its Secret',
    advice: 'give the operator the rights of its chart on Secrets: get, create, update',
    causes: [
      { text: 'its service account may not write Secrets in this namespace', look: perhaps },
      { text: 'the directory is larger than a Secret may be (1 MiB)', look: perhaps },
    ],
  },
  {
    exact: 'CopyingDirState',
    meaning: 'the operator could not read the directory that it stored for a downgrade',
    advice: 'repair the reason why it goes down: no dir-state is needed then',
    causes: [
      { text: 'its Secret was deleted, or the operator may not read it', look: perhaps },
      { text: 'migrate down is allowed, and cannot be done', look: found('migrate-down-unsafe') },
    ],
  },
  {
    exact: 'GettingDevDB',
    meaning:
      'the operator could not start the dev database, which it needs for a remote directory or a downgrade',
    advice: 'kubectl describe the Deployment whose name ends in -atlas-dev-db',
    causes: [
      { text: 'its name does not fit into a label', look: found('name-too-long') },
      { text: 'its image cannot be pulled, or its pod is refused by a policy', look: perhaps },
    ],
  },
  {
    exact: 'ApprovalPending',
    meaning: 'a downgrade, or a plan, waits for an approval in Atlas Cloud',
    advice: 'approve or reject it there; the object is not Ready until then',
    causes: [{ text: 'nobody has answered yet', look: perhaps }],
  },
  {
    exact: 'PlanRejected',
    meaning: 'somebody rejected the downgrade, or the plan, in Atlas Cloud',
    advice: 'repair the reason why it goes down',
    causes: [{ text: 'it was rejected', look: perhaps }],
  },
  {
    exact: 'DriftDetected',
    meaning:
      'the database is not as the registry knows it, and spec.policy.drift stops an apply then',
    advice: 'set drift.onError to CONTINUE to go on all the same',
    causes: [{ text: 'somebody changed the database by hand', look: perhaps }],
  },
  {
    exact: 'BackoffLimitExceeded',
    meaning: 'the operator tried spec.backoffLimit times and has given up until the object changes',
    advice:
      'repair the cause first: its message stands in the Ready condition. Then any change of the spec starts it again',
    causes: [{ text: 'what failed before still fails', look: perhaps }],
  },
  {
    exact: 'TransientErr',
    meaning: 'an attempt failed, and the operator tries again',
    advice: 'the text of the Event says what failed; ask for that with --said',
    causes: [{ text: 'see the message of the Event', look: perhaps }],
  },
]
