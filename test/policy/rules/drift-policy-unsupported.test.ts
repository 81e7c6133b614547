import t from 'tap'
import { driftPolicyUnsupported } from '../../../src/policy/rules/drift-policy-unsupported.js'
import type { AtlasMigrationSpec } from '../../../src/policy/facts/atlas-migration.js'
import { check, specFacts, type Said } from './object-facts.js'

const configMap = { configMapRef: { name: 'files' } }
const local = { local: { '1_a.sql': 'SELECT 1;' } }
const remote = { remote: { name: 'app', tag: '1' } }
const drift = { policy: { drift: {} } }
const stops: Said = ['deny', 'needs a directory on the Atlas Registry']
const registry = `env "k8s" {
  migration {
    repo {
      name = "app"
    }
  }
}`

// What stops the operator stands in the release notes and the controller of operator 0.8.
const cases: readonly [title: string, spec: AtlasMigrationSpec, said: Said][] = [
  ['a ConfigMap', { dir: configMap, ...drift }, stops],
  ['local files', { dir: local, ...drift }, stops],
  [
    'a policy with fields',
    { dir: configMap, policy: { drift: { onError: 'CONTINUE', exclude: ['*.tmp'] } } },
    stops,
  ],
  ['a policy without drift', { dir: configMap, policy: {} }, null],
  ['no policy', { dir: configMap }, null],
  ['no directory, which another rule finds', drift, null],
  ['a remote directory', { dir: remote, ...drift }, ['audit', 'DriftDetected']],
  [
    'a config with a repository',
    { dir: configMap, config: registry, envName: 'k8s', ...drift },
    null,
  ],
  [
    'a config with a repository in another environment',
    { dir: configMap, config: registry, envName: 'dev', ...drift },
    stops,
  ],
  [
    'a config without one',
    { dir: configMap, config: 'env "k8s" {}', envName: 'k8s', ...drift },
    stops,
  ],
  [
    'a config that is not to be followed',
    { dir: configMap, config: 'env "k8s" {', envName: 'k8s', ...drift },
    ['warn', 'needs a directory on the Atlas Registry'],
  ],
]

for (const [title, spec, said] of cases)
  void t.test(title, async t => check(t, [driftPolicyUnsupported, specFacts(spec)], [title, said]))
