import { test } from 'tap'
import type { AtlasMigrationSpec } from '../../../src/policy/facts/atlas-migration.js'
import type { Facts, Target } from '../../../src/policy/facts/facts.js'
import type { Rule } from '../../../src/policy/facts/finding.js'
import { parseHcl } from '../../../src/policy/text/hcl.js'
import { configIncomplete } from '../../../src/policy/rules/config-incomplete.js'
import { configOverridesDirectory } from '../../../src/policy/rules/config-overrides-directory.js'
import { devDatabaseIsTarget } from '../../../src/policy/rules/dev-database-is-target.js'
import { directoryMissing } from '../../../src/policy/rules/directory-missing.js'
import { downFlowInvalid } from '../../../src/policy/rules/down-flow-invalid.js'
import { fileNameInvalid } from '../../../src/policy/rules/file-name-invalid.js'
import { multipleDirectories } from '../../../src/policy/rules/multiple-directories.js'
import { nameTooLong } from '../../../src/policy/rules/name-too-long.js'
import { remoteUnpinned } from '../../../src/policy/rules/remote-unpinned.js'
import { targetMissing } from '../../../src/policy/rules/target-missing.js'
import { urlInvalid } from '../../../src/policy/rules/url-invalid.js'
import { check, resolved, specFacts } from './object-facts.js'
import type { Said } from './object-facts.js'

const local = { local: { '1.sql': 'SELECT 1;\n' } }
const configMap = { configMapRef: { name: 'files' } }
const remote = { remote: { name: 'app', tag: 'a1b2' } }
const secretRef = { secretKeyRef: { name: 's', key: 'k' } }

type SpecCase = [title: string, spec: AtlasMigrationSpec, expected: Said]

const directoryMissingCases: readonly SpecCase[] = [
  ['no dir', {}, ['deny', 'no directory specified']],
  ['an empty dir', { dir: {} }, ['deny', 'no directory specified']],
  ['a remote without name', { dir: { remote: { tag: 'x' } } }, ['deny', 'no directory specified']],
  ['a config does not help', { config: 'env "k8s" {}', dir: {} }, ['deny', 'no directory']],
  ['a reference without name', { dir: { configMapRef: { name: '' } } }, ['deny', 'has no name']],
  ['a reference left empty', { dir: { configMapRef: {} } }, ['deny', 'has no name']],
  ['remote wins over a nameless reference', { dir: { ...remote, configMapRef: {} } }, null],
  ['an empty local', { dir: { local: {} } }, null],
  ['a ConfigMap', { dir: configMap }, null],
  ['a remote directory', { dir: remote }, null],
]

const multipleDirectoriesCases: readonly SpecCase[] = [
  [
    'local and configMapRef',
    { dir: { ...local, ...configMap } },
    ['deny', 'local and configMapRef: "cannot use both configmaps and local directory"'],
  ],
  ['an empty local counts', { dir: { local: {}, ...configMap } }, ['deny', 'cannot use both']],
  [
    'remote and a ConfigMap',
    { dir: { ...remote, ...configMap } },
    ['deny', 'remote and configMapRef: only remote would be used'],
  ],
  [
    'all three',
    { dir: { ...remote, ...local, ...configMap } },
    ['deny', 'remote, local and configMapRef: only remote would be used'],
  ],
  ['a remote without name does not count', { dir: { remote: {}, ...local } }, null],
  ['one', { dir: configMap }, null],
  ['none', {}, null],
]

const targetMissingCases: readonly SpecCase[] = [
  ['nothing', { dir: local }, ['deny', 'no target database defined']],
  ['credentials without host', { credentials: { user: 'a' } }, ['deny', 'no target database']],
  ['an empty URL', { url: '' }, ['deny', 'no target database defined']],
  ['a urlFrom without reference', { urlFrom: {} }, ['deny', 'no target database defined']],
  ['a URL', { url: 'postgres://db/app' }, null],
  ['a URL from a Secret', { urlFrom: secretRef }, null],
  ['a host', { credentials: { host: 'db' } }, null],
  ['a host from a Secret', { credentials: { hostFrom: secretRef } }, null],
  ['a config', { config: 'env "k8s" {}' }, null],
]

const downFlow = (allow: boolean, autoApprove?: boolean): Partial<AtlasMigrationSpec> => ({
  protectedFlows: {
    migrateDown: { allow, ...(autoApprove === undefined ? {} : { autoApprove }) },
  },
})

const downFlowInvalidCases: readonly SpecCase[] = [
  [
    'a ConfigMap, allow alone',
    { dir: configMap, ...downFlow(true) },
    ['deny', 'allow cannot be true without autoApprove for local migration directory'],
  ],
  ['local, allow alone', { dir: local, ...downFlow(true, false) }, ['deny', 'allow cannot be']],
  ['a ConfigMap, both', { dir: configMap, ...downFlow(true, true) }, null],
  ['a ConfigMap, autoApprove alone', { dir: configMap, ...downFlow(false, true) }, null],
  [
    'remote, both',
    { dir: remote, ...downFlow(true, true) },
    ['deny', 'autoApprove is not allowed for a remote directory'],
  ],
  ['remote, allow alone', { dir: remote, ...downFlow(true) }, null],
  ['no directory', downFlow(true), null],
  ['no flow', { dir: local, protectedFlows: {} }, null],
]

const token = { cloud: { tokenFrom: secretRef } }

const configIncompleteCases: readonly SpecCase[] = [
  ['a config without envName', { config: 'env "a" {}' }, ['deny', 'env name must be set']],
  ['the same, not to be followed', { config: 'env {' }, ['deny', 'env name must be set']],
  ['a config with envName', { config: 'env "a" {}', envName: 'a', url: 'x' }, null],
  [
    'no env block of that name, and no URL',
    { config: 'env "dev" {\n url = "u"\n}\nenv "x" {}', envName: 'prod' },
    ['deny', 'the config has no env block prod'],
  ],
  [
    'an env block without url, and no URL',
    { config: 'env "a" {}', envName: 'a', dir: configMap },
    ['deny', 'the env block a of the config has no url'],
  ],
  ['an env block with url', { config: 'env "a" {\n url = getenv("U")\n}', envName: 'a' }, null],
  ['an env block for all', { config: 'env {\n name = atlas.env\n url = u\n}', envName: 'a' }, null],
  ['an env block that may come later', { config: 'env "a" {', envName: 'b' }, null],
  ['a config not to be followed', { config: 'env {', envName: 'a', dir: remote, ...token }, null],
  ['remote without token', { dir: remote }, ['deny', 'without Atlas Cloud token']],
  [
    'remote with a project only',
    { dir: remote, cloud: { project: 'p' } },
    ['deny', 'without a cloud'],
  ],
  ['remote with token', { dir: remote, ...token }, null],
  ['a ConfigMap without token', { dir: configMap }, null],
  [
    'remote, a config without atlas block, no cloud',
    { dir: remote, config: 'env "a" {}', envName: 'a', cloud: {} },
    ['deny', 'no atlas block and no spec.cloud: the operator crashes'],
  ],
  [
    'the same with a token',
    { dir: remote, config: 'env "a" {}', envName: 'a', url: 'x', ...token },
    null,
  ],
  [
    'the same with a project',
    { dir: remote, config: 'env "a" {}', envName: 'a', cloud: { project: 'p' }, url: 'x' },
    null,
  ],
  [
    'the same with a cloud URL',
    { dir: remote, config: 'env "a" {}', envName: 'a', cloud: { url: 'u' }, url: 'x' },
    null,
  ],
  [
    'a config with an atlas block',
    { dir: remote, config: 'atlas {\n cloud { token = "t" }\n}', envName: 'a', url: 'x' },
    null,
  ],
  ['an atlas block that may come later', { dir: remote, config: '?', envName: 'a' }, null],
]

const withDir = (label: string): string => `env ${label} {\n  migration {\n    dir = "x"\n  }\n}`

const configOverridesDirectoryCases: readonly SpecCase[] = [
  [
    'the selected environment',
    { config: withDir('"a"'), envName: 'a' },
    ['warn', 'environment sets migration.dir: spec.dir is not what runs'],
  ],
  ['another environment', { config: withDir('"b"'), envName: 'a' }, null],
  ["the operator's default name", { config: withDir('"kubernetes"') }, ['warn', 'migration.dir']],
  [
    'an environment for all',
    { config: 'env {\n name = atlas.env\n migration {\n dir = x\n }\n}', envName: 'a' },
    ['warn', 'migration.dir'],
  ],
  [
    'an environment without label, by its name',
    { config: 'env {\n name = "a"\n for_each = toset(var.x)\n}', envName: 'a' },
    ['warn', 'for_each'],
  ],
  [
    'an environment without label, of another name',
    { config: 'env {\n name = "b"\n for_each = []\n}', envName: 'a' },
    null,
  ],
  [
    'both',
    { config: 'env "a" {\n for_each = x\n migration {\n dir = "y"\n }\n}', envName: 'a' },
    ['warn', 'migration.dir and for_each'],
  ],
  ['migration without dir', { config: 'env "a" {\n migration {\n}\n}', envName: 'a' }, null],
  ['a config not to be followed', { config: `${withDir('"a"')}\n?`, envName: 'a' }, null],
  ['no config', {}, null],
]

const long = (characters: number): string => 'n'.repeat(characters)

const fileNameInvalidCases: readonly SpecCase[] = [
  ['a folder', { dir: { local: { 'sub/1.sql': '' } } }, ['deny', '"sub/1.sql"']],
  ['a NUL', { dir: { local: { 'a\0.sql': '' } } }, ['deny', '"a\\u0000.sql"']],
  ['256 bytes', { dir: { local: { [`${long(252)}.sql`]: '' } } }, ['deny', `"${long(40)}…"`]],
  [
    '256 bytes in 128 letters',
    { dir: { local: { [`${'é'.repeat(126)}.sql`]: '' } } },
    ['deny', 'é'],
  ],
  ['255 bytes', { dir: { local: { [`${long(251)}.sql`]: '' } } }, null],
  ['a key that is no migration', { dir: { local: { 'sub/README': '' } } }, null],
  ['remote wins', { dir: { ...remote, local: { 'sub/1.sql': '' } } }, null],
  [
    'several',
    { dir: { local: { 'a/1.sql': '', 'b/1.sql': '', 'c/1.sql': '', 'd/1.sql': '' } } },
    ['deny', '"a/1.sql", "b/1.sql", "c/1.sql" and 1 more'],
  ],
  ['no local', {}, null],
]

const remoteUnpinnedCases: readonly SpecCase[] = [
  ['no tag', { dir: { remote: { name: 'app' } } }, ['warn', 'no tag']],
  ['latest', { dir: { remote: { name: 'app', tag: 'latest' } } }, ['warn', 'the tag "latest"']],
  ['another tag', { dir: remote }, null],
  ['no remote', { dir: configMap }, null],
]

const specTables: readonly (readonly [Rule, readonly SpecCase[]])[] = [
  [directoryMissing, directoryMissingCases],
  [multipleDirectories, multipleDirectoriesCases],
  [targetMissing, targetMissingCases],
  [downFlowInvalid, downFlowInvalidCases],
  [configIncomplete, configIncompleteCases],
  [configOverridesDirectory, configOverridesDirectoryCases],
  [fileNameInvalid, fileNameInvalidCases],
  [remoteUnpinned, remoteUnpinnedCases],
]

for (const [rule, cases] of specTables) {
  void test(`${rule.id}: ${rule.title}`, async t => {
    for (const [title, spec, expected] of cases)
      check(t, [rule, specFacts(spec)], [title, expected])
  })
}

void test('multiple-directories names the way to join them', async t => {
  const finding = multipleDirectories.evaluate(specFacts({ dir: { ...local, ...configMap } }))
  t.match(finding?.remedy, 'run atlas-admission consolidate')
  t.strictSame(finding?.subjects, ['spec.dir.local', 'spec.dir.configMapRef'])
})

void test('The env blocks that are there are named', async t => {
  const config = 'env "dev" {\n url = "u"\n}\nenv "x y" {\n url = "u"\n}\nenv "none" {}'
  const spec = { config, envName: 'prod' }
  t.match(
    configIncomplete.evaluate(specFacts(spec))?.remedy,
    /^add that block with a url, .* in spec.envName: dev$/,
  )
  const inSecret = specFacts(
    { envName: 'prod', configFrom: secretRef },
    { config: { kind: 'read', document: parseHcl(config) } },
  )
  t.match(configIncomplete.evaluate(inSecret), { severity: 'warn', remedy: /: dev$/ })
})

void test('A config from a Secret counts as far as it could be read', async t => {
  const from = { configFrom: secretRef }
  const unreadable = { config: { kind: 'unreadable' } } as const
  const empty = { config: { kind: 'none' } } as const
  const read = { config: { kind: 'read', document: parseHcl(withDir('"a"')) } } as const
  t.equal(targetMissing.evaluate(specFacts(from, unreadable)), null, 'a target may be in it')
  t.not(targetMissing.evaluate(specFacts(from, empty)), null, 'an empty one names no target')
  t.equal(configIncomplete.evaluate(specFacts(from, unreadable)), null, 'it may be empty')
  t.equal(
    configIncomplete.evaluate(specFacts({ ...from, dir: remote }, unreadable)),
    null,
    'a token may be in it',
  )
  const overrides = configOverridesDirectory.evaluate(specFacts({ ...from, envName: 'a' }, read))
  t.equal(overrides?.field, 'spec.configFrom')
})

type TargetCase = [title: string, dev: Partial<Target>, target: Partial<Target>, expected: Said]

const denied: Said = ['deny', 'the dev database is the target database']
const warned: Said = ['warn', 'the dev database is the target database']
const mysql = { dialect: 'mysql', port: 3306 } as const

const devTargetCases: readonly TargetCase[] = [
  ['equal URLs', {}, {}, denied],
  ['other credentials', { fingerprint: '1' }, { fingerprint: '2' }, denied],
  ['other parameters', { fingerprint: '1', fromSecret: true }, {}, denied],
  ['another database of the server', { database: 'dev' }, {}, null],
  ['another host', { host: 'dev' }, {}, null],
  ['another port', { port: 5433 }, {}, null],
  ['another dialect', { dialect: 'mysql' }, {}, null],
  ['names of the loopback', { host: 'LOCALHOST' }, { host: '127.0.0.1' }, denied],
  ['IPv6 loopback', { host: '::1' }, { host: '' }, denied],
  ['a Service by two names', { host: 'db.ns.svc.cluster.local.' }, { host: 'db.ns' }, denied],
  ['a Service, shortened', { host: 'db.ns.svc' }, { host: 'DB.ns' }, denied],
  ['bound to the same schema', { boundSchema: 'a' }, { boundSchema: 'a' }, denied],
  ['bound to another schema', { boundSchema: 'dev' }, { boundSchema: 'a' }, null],
  [
    'bound to the revisions schema',
    { boundSchema: 'r' },
    { boundSchema: 'a', revisionsSchema: 'r' },
    denied,
  ],
  ['not bound, in the same database', {}, { boundSchema: 'a' }, denied],
  ['bound to public, the target to none', { boundSchema: 'public' }, {}, denied],
  ['bound to a schema inside the target', { boundSchema: 'dev' }, {}, warned],
  ['MySQL, the same database', { ...mysql, dialect: 'mariadb' }, mysql, denied],
  ['MySQL, another database', { ...mysql, database: 'dev' }, mysql, null],
  ['MySQL, the whole server', { ...mysql, database: '' }, mysql, denied],
  ['MySQL, a database of the target server', mysql, { ...mysql, database: '' }, warned],
  [
    'SQLite, equal URLs: each opening in memory is another database',
    { dialect: 'sqlite' },
    { dialect: 'sqlite' },
    null,
  ],
  ['another product, equal URLs', { dialect: 'other' }, { dialect: 'other' }, denied],
  [
    'another product, other URLs',
    { dialect: 'other', fingerprint: '1' },
    { dialect: 'other', fingerprint: '2' },
    null,
  ],
]

void test(`${devDatabaseIsTarget.id}: ${devDatabaseIsTarget.title}`, async t => {
  for (const [title, dev, target, expected] of devTargetCases) {
    const facts = specFacts({}, { target: resolved(target), devTarget: resolved(dev) })
    check(t, [devDatabaseIsTarget, facts], [title, expected])
  }
  const same = { target: resolved(), devTarget: resolved() }
  t.equal(
    devDatabaseIsTarget.evaluate(specFacts({ devURLFrom: secretRef }, same))?.field,
    'spec.devURLFrom',
  )
  for (const config of ['env "a" {\n dev = "x"\n}', 'env "a" {\n url = "x"\n}', 'env "a" {']) {
    const facts = specFacts({ config, envName: 'a' }, same)
    check(t, [devDatabaseIsTarget, facts], ['a config that may name other databases', null])
  }
  const kept = specFacts({ config: 'env "b" {\n dev = "x"\n}', envName: 'a' }, same)
  check(t, [devDatabaseIsTarget, kept], ['a config that leaves them', denied])
  check(t, [devDatabaseIsTarget, specFacts({}, { target: resolved() })], ['no dev database', null])
  check(t, [devDatabaseIsTarget, specFacts({}, { devTarget: resolved() })], ['no target', null])
})

type NameCase = [
  title: string,
  length: number,
  spec: AtlasMigrationSpec,
  target: Facts['target'],
  expected: Said,
]

const devURL = 'postgres://dev/dev'
const unresolved = { kind: 'unresolved' } as const

const nameCases: readonly NameCase[] = [
  ['64 with a dev database', 64, { devURL }, resolved(), ['deny', '64 characters; the dir-state']],
  ['63 with a dev database', 63, { devURL }, resolved(), null],
  ['64 without any', 64, {}, resolved(), ['deny', '64 characters; the dir-state Secret']],
  ['51 without any', 51, {}, resolved(), ['deny', "51 characters; the operator's dev database"]],
  ['50 without any', 50, {}, resolved(), null],
  ['51, the URL in a Secret to come', 51, {}, unresolved, ['deny', '51 characters']],
  [
    '51, a URL that is invalid',
    51,
    {},
    { kind: 'invalid', problem: 'the URL is empty', fromSecret: false },
    ['deny', '51 characters'],
  ],
  ['51, a dev database from a Secret', 51, { devURLFrom: secretRef }, resolved(), null],
  ['51, a dev database of its own', 51, { devURL, devDB: {} }, resolved(), ['deny', '51 char']],
  ['51, SQLite in memory', 51, {}, resolved({ dialect: 'sqlite' }), null],
  ['51, a target only in the config', 51, {}, { kind: 'custom-config' }, null],
  ['51, no target', 51, {}, { kind: 'none' }, null],
  [
    '51, dev in the config',
    51,
    { config: 'env "a" {\n dev = "x"\n}', envName: 'a' },
    resolved(),
    null,
  ],
  [
    '51, a config without dev',
    51,
    { config: 'env "a" {}', envName: 'a' },
    resolved(),
    ['deny', '51'],
  ],
  ['51, a config not to be followed', 51, { config: '?', envName: 'a' }, resolved(), null],
  ['64, remote: no dir-state is stored', 64, { dir: remote, devURL }, resolved(), null],
  ['51, remote, a dev database is made', 51, { dir: remote }, resolved(), ['deny', '51 char']],
]

void test(`${nameTooLong.id}: ${nameTooLong.title}`, async t => {
  for (const [title, length, spec, target, expected] of nameCases) {
    const facts = specFacts(spec, {
      target,
      migration: { metadata: { name: long(length) }, spec },
    })
    check(t, [nameTooLong, facts], [title, expected])
  }
  const unnamed = specFacts({}, { migration: { metadata: { generateName: 'x-' }, spec: {} } })
  check(t, [nameTooLong, unnamed], ['a name that is not there yet', null])
})

type UrlCase = [
  title: string,
  spec: AtlasMigrationSpec,
  target: Facts['target'],
  expected: Said,
  field?: string,
]

const invalid = (fromSecret: boolean): Facts['target'] => ({
  kind: 'invalid',
  problem: 'the URL is empty',
  fromSecret,
})

const urlCases: readonly UrlCase[] = [
  ['inline', { url: 'x' }, invalid(false), ['deny', 'the URL is empty'], 'spec.url'],
  ['in a Secret', { urlFrom: secretRef }, invalid(true), ['warn', 'the URL is'], 'spec.urlFrom'],
  [
    'made of credentials',
    { credentials: { host: 'db' } },
    invalid(false),
    ['deny', 'the URL is empty'],
    'spec.credentials',
  ],
  [
    'a list of schemas',
    { url: 'x' },
    resolved({ boundSchema: 'app,public' }),
    ['deny', 'search_path'],
  ],
  [
    'the same in a Secret',
    { urlFrom: secretRef },
    resolved({ boundSchema: 'app,public', fromSecret: true }),
    ['warn', 'search_path'],
  ],
  [
    'the same with a revisions schema of its own',
    { url: 'x', revisionsSchema: 'r' },
    resolved({ boundSchema: 'app,public' }),
    ['warn', 'search_path'],
  ],
  ['one schema', { url: 'x' }, resolved({ boundSchema: 'app' }), null],
  ['a hyphen', { url: 'x' }, resolved({ boundSchema: 'my-app' }), null],
  // Without a look into the database, the table may be there already.
  ['capitals', { url: 'x' }, resolved({ boundSchema: 'App' }), ['warn', 'capital letters']],
  ['no schema', { url: 'x' }, resolved(), null],
  [
    'a MySQL database with a comma in its name',
    { url: 'x' },
    resolved({ dialect: 'mysql', boundSchema: 'a,b' }),
    null,
  ],
  [
    'a config that names another URL',
    { url: 'x', config: 'env "a" {\n url = "y"\n}', envName: 'a' },
    invalid(false),
    ['warn', 'the URL is empty'],
  ],
  [
    'a config that leaves the URL alone',
    { url: 'x', config: 'env "a" {}', envName: 'a' },
    invalid(false),
    ['deny', 'the URL is empty'],
  ],
  ['a Secret to come', { urlFrom: secretRef }, unresolved, null],
]

void test(`${urlInvalid.id}: ${urlInvalid.title}`, async t => {
  for (const [title, spec, target, expected, field] of urlCases) {
    const facts = specFacts(spec, { target })
    check(t, [urlInvalid, facts], [title, expected])
    if (field !== undefined) t.equal(urlInvalid.evaluate(facts)?.field, field, title)
  }
})

void test('config-incomplete tells what 0.1.0 denied from what it let pass', async t => {
  const since = (facts: Facts) => configIncomplete.evaluate(facts)?.since
  const read = (config: string) => ({ kind: 'read', document: parseHcl(config) }) as const
  const config = { config: read('env "a" {}') }
  t.equal(since(specFacts({ config: 'x' }, config)), undefined)
  t.equal(since(specFacts({ config: 'x', envName: 'a' }, config)), '0.2.0')
  const operator = { allowCustomConfig: false, version: null }
  const allowed = specFacts({ config: 'x', envName: 'a', url: 'x' }, config)
  t.equal(since(allowed), undefined)
  t.equal(since({ ...allowed, operator }), '0.2.0')
})
