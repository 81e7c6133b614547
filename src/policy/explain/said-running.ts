import { failsWith, found, perhaps } from './said-cause.js'
import type { Sentence } from './said-sentences.js'

/** Sentences about a file that is read or run, and about objects in the cluster. */
export const runningSentences: readonly Sentence[] = [
  {
    words: [
      'scanning statements',
      'unclosed quote',
      "unclosed '('",
      "unexpected ')'",
      'empty delimiter',
    ],
    meaning: 'Atlas cannot split a file into statements, so nothing of it runs, and no later file',
    advice: '',
    causes: [
      {
        text: 'a quote, a comment or a parenthesis is not closed',
        look: found('file-not-runnable'),
      },
      {
        text: 'the status fails at a file that ran',
        look: found('revision-partial', failsWith('other')),
      },
      { text: 'a delimiter is set that the file does not end its statements with', look: perhaps },
    ],
  },
  {
    words: ['checksum not found'],
    meaning: 'a file says "atlas:sum ignore", so it has no line in atlas.sum and can never run',
    advice: '',
    causes: [{ text: 'a file that is to run has it', look: found('file-not-runnable') }],
  },
  {
    words: ['unknown txmode', 'multiple txmode', 'is not allowed in file directive'],
    meaning: 'the directive atlas:txmode of a file has no value that Atlas takes',
    advice: 'it is "file" or "none", once, in the first lines of the file',
    causes: [{ text: 'a file that is to run has it', look: found('file-not-runnable') }],
  },
  {
    words: ['cannot run inside a transaction block', 'cannot be executed from a function'],
    meaning: 'a statement needs to stand outside of a transaction, and Atlas runs each file in one',
    advice: 'write "-- atlas:txmode none" as the first line of the file, and a blank line below it',
    causes: [
      { text: 'a file that is to run has such a statement', look: found('file-not-runnable') },
      { text: 'its directive is not seen by Atlas', look: found('directive-ineffective') },
    ],
  },
  {
    words: ['copyinresponse', 'at or near "\\"'],
    meaning: 'a file has text for psql, which is not SQL',
    advice: 'make dumps with pg_dump --inserts, and remove lines that begin with a backslash',
    causes: [
      { text: 'a file that is to run has such text', look: found('file-not-runnable') },
      { text: 'a file has it that ran, or whose turn has not come', look: perhaps },
    ],
  },
  {
    words: ['relation "atlas_schema_revisions', 'atlas_schema_revisions" does not exist'],
    meaning: 'the revisions table is gone, or Atlas does not see it in the middle of its work',
    advice: '',
    causes: [
      { text: 'a file drops or moves the revisions table', look: found('revisions-table-in-file') },
      {
        text: 'search_path or spec.revisionsSchema is a list, is quoted, or has capital letters or blanks',
        look: found('url-invalid'),
      },
      { text: 'the connection goes through a pooler', look: found('connection-pooler') },
      { text: 'the role may not use its schema', look: found('privilege-missing') },
      { text: 'somebody dropped it meanwhile', look: perhaps },
    ],
  },
  {
    words: ['executing statement', 'already exists', 'does not exist'],
    meaning: 'a statement of a file failed at the database; the files before it have run',
    advice:
      'repair the database or the statement, not the statements before it: they ran unless the file is one transaction',
    causes: [
      { text: 'it creates what is there already', look: found('pending-object-exists') },
      { text: 'it needs a right that the role lacks', look: found('privilege-missing') },
      { text: 'the file is one of another tool', look: found('foreign-migration-format') },
      { text: 'no transaction or no server takes it', look: found('file-not-runnable') },
      {
        text: 'the text of a file ran before under another version',
        look: found('file-runs-again'),
      },
      { text: 'the file failed half-way before', look: found('revision-partial') },
      {
        text: 'the database is not as the files before it leave it: somebody changed it by hand, or it was restored in part',
        look: perhaps,
      },
    ],
  },
  {
    words: ['no migration files to execute', 'no pending migration files'],
    meaning: 'every file of the directory has a row, so Atlas has nothing to do. It is no error',
    advice: '',
    causes: [
      {
        text: 'another AtlasMigration wrote the rows, with other files under the same versions',
        look: found('revision-table-shared'),
      },
      { text: 'a file is older than the rows and is passed over', look: found('file-never-runs') },
      { text: 'the directory is empty', look: found('directory-empty') },
      { text: 'all files ran', look: perhaps },
    ],
  },
  {
    words: ['object has been modified'],
    meaning:
      'somebody changed the object while the operator wrote its status. It tries again by itself',
    advice:
      'nothing has to be done, unless it goes on for minutes: two tools may write the same object',
    causes: [{ text: 'two writers at the same time', look: perhaps }],
  },
  {
    words: ['configmaps "'],
    meaning:
      'the ConfigMap of spec.dir.configMapRef does not exist in the namespace of the AtlasMigration',
    advice:
      'kustomize adds a suffix to names: set disableNameSuffixHash, or refer to the generated name',
    causes: [
      { text: 'it is not there', look: found('configmap-not-found') },
      { text: 'it is made a moment later, or in another namespace', look: perhaps },
    ],
  },
  {
    words: ['secrets "'],
    meaning: 'a Secret of the spec does not exist in the namespace of the AtlasMigration',
    advice: '',
    causes: [
      { text: 'it is not there', look: found('secret-not-found') },
      { text: 'it is made a moment later, or in another namespace', look: perhaps },
    ],
  },
  {
    words: ['database url is empty'],
    meaning:
      'the custom config has no env block of that name with a url, and the spec has none either',
    advice: '',
    causes: [
      { text: 'the config lacks the environment', look: found('config-incomplete') },
      { text: 'the spec names no database', look: found('target-missing') },
      { text: 'getenv of the config finds nothing in the pod of the operator', look: perhaps },
    ],
  },
  {
    words: ['spec.policy.drift requires'],
    meaning: 'operator 0.8 takes a drift policy with a directory in the registry only',
    advice: '',
    causes: [{ text: 'the spec has a drift policy', look: found('drift-policy-unsupported') }],
  },
  {
    words: ['login is required to use custom', 'install the operator with'],
    meaning:
      'the operator takes a custom atlas.hcl only where it was installed with allowCustomConfig, and logged in',
    advice: '',
    causes: [
      { text: 'the policy says that it does not', look: found('config-incomplete') },
      { text: 'the operator was installed without allowCustomConfig', look: perhaps },
    ],
  },
]
