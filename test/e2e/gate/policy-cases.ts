import type { AtlasMigrationSpec } from '../../../src/policy/facts/atlas-migration.js'

const url = 'postgres://app@db.example.com/app'
const local = { '1_a.sql': 'SELECT 1;\n', 'atlas.sum': 'h1:x\n' }
const files = { configMapRef: { name: 'files' } }
const cloud = { tokenFrom: { secretKeyRef: { name: 'cloud', key: 'token' } } }
const secret = { secretKeyRef: { name: 'settings', key: 'value' } }
const remote = { remote: { name: 'app', tag: '1' } }
const down = (allow: boolean, autoApprove: boolean) => ({
  protectedFlows: { migrateDown: { allow, autoApprove } },
})
export const fine: AtlasMigrationSpec = { url, dir: files }
export const unapprovedDown = down(true, false)
const long = (length: number) => 'n'.repeat(length)

/** One write. */
export interface Case {
  /** Absent: it is created. */
  readonly before?: AtlasMigrationSpec
  readonly after: AtlasMigrationSpec
  readonly name?: string
}

/** Rule that CEL and we deny by; null: none; `webhook:` rule that only the webhook can deny by. */
export type Verdict = string | null

export const cases: readonly [title: string, verdict: Verdict, written: Case][] = [
  ['a ConfigMap', null, { after: fine }],
  ['inline files', null, { after: { url, dir: { local } } }],
  ['a remote directory', null, { after: { url, cloud, dir: remote } }],
  ['no directory', 'directory-missing', { after: { url, dir: {} } }],
  [
    'a remote directory without a name is none',
    'directory-missing',
    { after: { url, dir: { remote: {} } } },
  ],
  [
    'a ConfigMap without a name',
    'directory-missing',
    { after: { url, dir: { configMapRef: {} } } },
  ],
  [
    'a ConfigMap without a name beside a remote directory',
    'multiple-directories',
    { after: { url, cloud, dir: { ...remote, configMapRef: {} } } },
  ],
  ['an empty inline directory', null, { after: { url, dir: { local: {} } } }],
  [
    'a directory that was missing before',
    null,
    { before: { url, dir: {} }, after: { url, dir: {}, baseline: '1' } },
  ],
  [
    'the directory is taken away',
    'directory-missing',
    { before: fine, after: { url, dir: { configMapRef: { name: '' } } } },
  ],
  [
    'from no directory to a ConfigMap without a name',
    'directory-missing',
    { before: { url, dir: {} }, after: { url, dir: { configMapRef: {} } } },
  ],
  [
    'a drift policy beside a ConfigMap',
    'drift-policy-unsupported',
    { after: { ...fine, policy: { drift: { onError: 'CONTINUE' } } } },
  ],
  [
    'an empty drift policy beside inline files',
    'drift-policy-unsupported',
    { after: { url, dir: { local }, policy: { drift: {} } } },
  ],
  [
    'a drift policy beside a remote directory',
    null,
    { after: { url, cloud, dir: remote, policy: { drift: {} } } },
  ],
  ['a policy without drift', null, { after: { ...fine, policy: {} } }],
  [
    'a drift policy that was there before',
    null,
    {
      before: { ...fine, policy: { drift: {} } },
      after: { ...fine, policy: { drift: {} }, baseline: '1' },
    },
  ],
  ['two directories', 'multiple-directories', { after: { url, dir: { local, ...files } } }],
  [
    'remote wins over another',
    'multiple-directories',
    { after: { url, cloud, dir: { ...remote, ...files } } },
  ],
  [
    'a third directory is added to two',
    'multiple-directories',
    {
      before: { url, cloud, dir: { local, ...files } },
      after: { url, cloud, dir: { local, ...files, ...remote } },
    },
  ],
  [
    'two directories of three are left',
    null,
    {
      before: { url, cloud, dir: { local, ...files, ...remote } },
      after: { url, cloud, dir: { local, ...remote } },
    },
  ],
  ['no database', 'target-missing', { after: { dir: files } }],
  ['an empty URL', 'target-missing', { after: { url: '', dir: files } }],
  ['a URL from a Secret', null, { after: { urlFrom: secret, dir: files } }],
  ['urlFrom without a Secret', 'target-missing', { after: { urlFrom: {}, dir: files } }],
  ['a host', null, { after: { credentials: { scheme: 'postgres', host: 'db' }, dir: files } }],
  ['a host from a Secret', null, { after: { credentials: { hostFrom: secret }, dir: files } }],
  [
    'credentials without a host',
    'target-missing',
    { after: { credentials: { user: 'app' }, dir: files } },
  ],
  [
    'a config names the database',
    null,
    { after: { config: `env "a" { url = "${url}" }`, envName: 'a', dir: files } },
  ],
  [
    'a config that names none in the environment, which CEL cannot read',
    'webhook:config-incomplete',
    { after: { config: 'env "a" {}', envName: 'a', dir: files } },
  ],
  [
    'a config from a Secret may name it',
    null,
    { after: { configFrom: secret, envName: 'a', dir: files } },
  ],
  [
    'the Secret with the config goes, which may have been empty',
    'webhook:target-missing',
    { before: { configFrom: secret, dir: files }, after: { dir: files } },
  ],
  ['the database is taken away', 'target-missing', { before: fine, after: { dir: files } }],
  ['down without a flow', null, { after: { ...fine, ...down(false, false) } }],
  ['autoApprove alone', null, { after: { ...fine, ...down(false, true) } }],
  ['down with both', null, { after: { ...fine, ...down(true, true) } }],
  ['down that nobody approves', 'down-flow-invalid', { after: { ...fine, ...down(true, false) } }],
  [
    'the same with inline files',
    'down-flow-invalid',
    { after: { url, dir: { local }, ...down(true, false) } },
  ],
  [
    'down that the cloud approves',
    null,
    { after: { url, cloud, dir: remote, ...down(true, false) } },
  ],
  [
    'down that the cloud cannot approve',
    'down-flow-invalid',
    { after: { url, cloud, dir: remote, ...down(true, true) } },
  ],
  [
    'an old invalid flow',
    null,
    {
      before: { ...fine, ...down(true, false) },
      after: { ...fine, ...down(true, false), baseline: '1' },
    },
  ],
  [
    'a directory that turns an old flow invalid in another way',
    'down-flow-invalid',
    {
      before: { ...fine, ...down(true, false) },
      after: { url, cloud, dir: remote, ...down(true, true) },
    },
  ],
  ['a config without a name', 'config-incomplete', { after: { ...fine, config: 'env "a" {}' } }],
  ['a config that is empty', null, { after: { ...fine, config: '' } }],
  ['a config from a Secret without a name', null, { after: { ...fine, configFrom: secret } }],
  [
    'a config without a name, from a Secret before',
    'webhook:config-incomplete',
    { before: { ...fine, configFrom: secret }, after: { ...fine, config: 'env "a" {}' } },
  ],
  ['a remote directory without a token', 'config-incomplete', { after: { url, dir: remote } }],
  [
    'a remote directory with another piece of cloud',
    'config-incomplete',
    { after: { url, cloud: { project: 'p' }, dir: remote } },
  ],
  [
    'a remote directory with a config',
    'webhook:config-incomplete',
    { after: { url, dir: remote, config: 'env "a" {}', envName: 'a' } },
  ],
  ['63 characters', null, { after: { ...fine, devURL: 'postgres://dev/dev' }, name: long(63) }],
  ['64 characters', 'name-too-long', { after: fine, name: long(64) }],
  [
    '64 characters, nothing stored under them',
    null,
    { after: { url, cloud, dir: remote, devURL: 'postgres://dev/dev' }, name: `r${long(63)}` },
  ],
  ['51 characters and a dev database', 'webhook:name-too-long', { after: fine, name: long(51) }],
  ['an old name', null, { before: fine, after: { ...fine, baseline: '1' }, name: `u${long(63)}` }],
  ['a folder', 'file-name-invalid', { after: { url, dir: { local: { 'a/1.sql': '' } } } }],
  ['a NUL', 'file-name-invalid', { after: { url, dir: { local: { '1\0.sql': '' } } } }],
  ['255 bytes', null, { after: { url, dir: { local: { [`${'é'.repeat(125)}1.sql`]: '' } } } }],
  [
    '256 bytes in fewer characters',
    'file-name-invalid',
    { after: { url, dir: { local: { [`${'é'.repeat(126)}.sql`]: '' } } } },
  ],
  ['a folder of another kind of file', null, { after: { url, dir: { local: { 'a/b.md': '' } } } }],
  [
    'an old folder',
    null,
    {
      before: { url, dir: { local: { 'a/1.sql': '' } } },
      after: { url, dir: { local: { 'a/1.sql': 'SELECT 1;' } } },
    },
  ],
  [
    'another folder',
    'file-name-invalid',
    {
      before: { url, dir: { local: { 'a/1.sql': '' } } },
      after: { url, dir: { local: { 'a/1.sql': '', 'a/2.sql': '' } } },
    },
  ],
]
