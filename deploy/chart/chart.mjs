// node deploy/chart/chart.mjs manifest   writes deploy/install.yaml from the chart, the policy's schema into that of the
//                                        values, and the rules of the ValidatingAdmissionPolicy from src/policy/rules
// node deploy/chart/chart.mjs check      lints and renders the chart with every deploy/chart/ci/*.yaml, and compares
//                                        deploy/install.yaml with what the chart gives; --if-available: without Helm
//                                        and without Go to build it, says so and succeeds
// node deploy/chart/chart.mjs render F   prints the chart as rendered with the values file F; a name after it is that of
//                                        the release and of its namespace
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { obtainHelm } from './helm-program.mjs'
import { chart, chartDigest } from './manifest-digest.mjs'
import { buildSpecRules, specRulesFile } from './spec-rules.mjs'

const manifest = join('deploy', 'install.yaml')
const examples = join('deploy', 'chart', 'ci')

const policySchema = join('deploy', 'policy.schema.json')
const valuesSchema = join(chart, 'values.schema.json')

const [command, ...rest] = process.argv.slice(2)
const helmProgram = obtainHelm()
if (helmProgram === null) {
  const optional = rest.includes('--if-available')
  const ways = 'install Helm, name one in HELM, or install Go to build it'
  console.error(`there is no Helm: ${ways}${optional ? '; skipped' : ''}`)
  process.exit(optional ? 0 : 1)
}

function helm(...args) {
  const run = spawnSync(helmProgram, args, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (run.error) throw run.error
  if (run.status !== 0) throw new Error(`helm ${args.join(' ')}\n${run.stdout}${run.stderr}`)
  return run.stdout
}

function render(values, release = 'atlas-admission') {
  const files = values ? ['--values', values] : []
  return helm('template', release, chart, `--namespace=${release}`, ...files)
}

/** A namespace that takes no pod with more rights than ours needs, then the chart as it comes. */
function buildManifest() {
  const objects = render()
    .replaceAll(/^# Source: .*\n/gm, '')
    .replaceAll(/\n+---\n/g, '\n---\n')
  return `# Everything that atlas-admission needs in a cluster: kubectl apply -f install.yaml
# Made from the chart by \`npm run manifest\`; do not edit.
# chart sha256: ${chartDigest()}
#
# Before you apply this, know that
# - its service account may read every Secret of the cluster, by name: see secrets.access in the chart's README;
# - whoever reaches port 8443 of its pods is answered, not only API servers: see docs/client-certificate.md;
# - no NetworkPolicy comes with it, since none can name the API servers: see networkPolicy in the chart's README.
---
apiVersion: v1
kind: Namespace
metadata:
  name: atlas-admission
  labels:
    app.kubernetes.io/name: atlas-admission
    pod-security.kubernetes.io/enforce: restricted
${objects}`
}

/** The value `policy` is the policy file, so its schema is part of that of the values. */
function buildValuesSchema() {
  const { $schema: _schema, title: _title, definitions, ...policy } = readJson(policySchema)
  const values = readJson(valuesSchema)
  return `${JSON.stringify({ ...values, definitions: { ...definitions, policy } }, null, 2)}\n`
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

function check() {
  if (readFileSync(specRulesFile, 'utf8') !== buildSpecRules())
    throw new Error(`${specRulesFile} is not what src/policy/rules says: run npm run manifest`)
  if (readFileSync(valuesSchema, 'utf8') !== buildValuesSchema())
    throw new Error(`${valuesSchema} has another policy than ${policySchema}: run npm run manifest`)
  for (const name of readdirSync(examples).sort()) {
    const values = join(examples, name)
    helm('lint', '--strict', chart, '--values', values)
    console.log(`${name}: ${render(values).match(/^kind: /gm).length} objects`)
  }
  if (readFileSync(manifest, 'utf8') !== buildManifest())
    throw new Error(`${manifest} is not what the chart gives: run npm run manifest`)
  console.log(`${manifest} is what the chart gives`)
}

const commands = {
  manifest() {
    writeFileSync(specRulesFile, buildSpecRules())
    writeFileSync(valuesSchema, buildValuesSchema())
    writeFileSync(manifest, buildManifest())
  },
  check,
  render: () => process.stdout.write(render(...rest)),
}
try {
  if (!(command in commands)) throw new Error('expected manifest, check or render FILE')
  commands[command]()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
