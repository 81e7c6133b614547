import t from 'tap'
import { parseManifest } from '../../../src/manifests/text/parse-manifest.js'

const migration = (spec: string) =>
  `apiVersion: db.atlasgo.io/v1alpha1\nkind: AtlasMigration\nmetadata: {name: shop}\nspec:\n${spec}\n`

const configMap = (text: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: files}\ndata:\n  a.sql: ${text}\n`

const templates: readonly [title: string, text: string, line: number][] = [
  ['an action as a value', migration('  credentials:\n    user: {{ .Values.user }}'), 6],
  [
    'an action alone on its line',
    `{{- if .Values.shop }}\n${configMap('SELECT 1')}{{- end }}\n`,
    1,
  ],
  ['an action behind a name', migration('  url: postgres://{{ .Values.host }}/shop'), 5],
  ['an action between quotes', migration('  url: "{{ .Values.url }}"'), 5],
  ['an action in a list', migration('  dir:\n    configMapRef: {name: "{{ .Release.Name }}"}'), 6],
]

for (const [title, text, line] of templates)
  void t.test(`a template is known by ${title}`, async t => {
    const { problems, objects } = parseManifest(text)
    t.match(problems, [{ line, message: /^this is a template that was not rendered/ }])
    t.equal(problems.length, 1)
    t.strictSame(objects, [])
  })

const others: readonly [title: string, text: string][] = [
  ['SQL that has braces', configMap('"INSERT INTO mails VALUES (\'{{ name }}\')"')],
  ['inline files that have braces', migration('  dir:\n    local: {a.sql: "-- {{ x }}"}')],
  ['a comment that has braces', `# {{ .Values.x }}\n${configMap('SELECT 1')}`],
]

for (const [title, text] of others)
  void t.test(`${title}: no template`, async t => {
    const { problems, objects } = parseManifest(text)
    t.strictSame(problems, [])
    t.equal(objects.length, 1)
  })

void t.test('a mistake elsewhere keeps its own words', async t => {
  const text = `${configMap('"{{ x }}"')}---\n${migration('  baseline: 1')}`
  t.match(parseManifest(text).problems, [{ line: 11, message: /^spec\.baseline: expected string/ }])
})

void t.test('vars as a map are told how to be written', async t => {
  const { problems } = parseManifest(migration('  vars: {a: b}'))
  t.match(problems, [
    { message: /^spec\.vars: expected array, found object \(write a list of key/ },
  ])
})
