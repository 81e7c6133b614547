import { test } from 'tap'
import { makeFolder } from '../../cli/program.js'
import { findIndexedNames } from './indexed-names.js'

/** Where a name that a stranger chose is looked up, by a function that asks for an own key. */
const onlyPlace = 'return Object.hasOwn(record, key) ? record[key] : undefined'

void test('no object of src is indexed by a name that its types do not spell out', t => {
  const places = findIndexedNames('tsconfig.json', 'src')
  t.match(places, [/\/src\/atlas\/text\/own-value\.ts:\d+: record\[key\]$/], onlyPlace)
  t.strictSame(places.slice(1), [], 'use a Map, or ownValue of src/atlas/text/own-value.ts')
  t.end()
})

const refused = [
  'record[name]',
  'record[name] = 1',
  'record[`a ${name}`]',
  'record[name as "a"]',
  'record[anything]',
  'name in record',
  '{ const { [name]: value } = record; void value }',
  'for (const key in record) void key',
  '((key: keyof typeof record) => record[key])',
]

const accepted = [
  'record["constructor"]',
  'record[spelt]',
  'list[index]',
  'list[0]',
  'text[index]',
  'new Map([[name, 1]]).get(name)',
  '"a" in record',
  '(<K extends "a" | "b">(key: K) => record[key])',
]

void test('the check finds every way to ask an object by a name, with its line', t => {
  const folder = makeFolder(t, {
    'tsconfig.json': JSON.stringify({
      compilerOptions: { strict: true, lib: ['es2023'], target: 'es2023', types: [] },
      files: ['names.ts'],
    }),
    'names.ts': [
      'declare const record: Record<string, number>, list: number[], text: string, index: number',
      'declare const name: string, spelt: "a" | "b", anything: any',
      ...[...refused, ...accepted].map(code => (code.startsWith('{') ? code : `;${code}`)),
    ].join('\n'),
  })
  const found = findIndexedNames(`${folder}/tsconfig.json`, folder)
  const lines = found.map(place => Number(/names\.ts:(\d+): /.exec(place)![1]))
  t.strictSame(
    lines,
    refused.map((_, index) => index + 3),
  )
  t.end()
})
