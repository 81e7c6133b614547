import { readFileSync } from 'node:fs'
import t from 'tap'
import { fileNotRunnable } from '../../../src/policy/rules/file-not-runnable.js'
import { contentFacts, predicted, resolved } from '../rules/object-facts.js'

interface Outcome {
  readonly name: string
  readonly files: readonly string[]
  readonly error: string | null
}

// The file says where its outcomes come from.
const { outcomes } = JSON.parse(
  readFileSync('test/fixtures/outcomes/enum-values.json', 'utf8'),
) as { readonly outcomes: readonly Outcome[] }

function evaluate(files: readonly string[], known = {}) {
  const named = Object.fromEntries(files.map((text, index) => [`${index + 1}_f.sql`, text]))
  const prediction = predicted(Object.keys(named))
  return fileNotRunnable.evaluate(contentFacts(named, { target: resolved(), prediction, ...known }))
}

/** Only the server knows what the text means, or what the type has already. */
const suspected = new Set(['a text', 'there already'])

/** PostgreSQL 17 and later run it. */
const older = new Set(['of a type from this file'])

void t.test('An early use of a new value is found where the engine fails', t => {
  for (const { name, files, error } of outcomes) {
    const isFound = (error !== null && !older.has(name)) || suspected.has(name)
    const finding = evaluate(files)
    t.equal(finding !== null, isFound, `${name}: ${finding?.found}`)
    if (finding) t.equal(finding.severity, 'warn', name)
  }
  t.end()
})

const early = "ALTER TYPE mood ADD VALUE 'c';\n\nSELECT 'c'::mood;\n"

void t.test('It says where, and what to move', t => {
  t.match(evaluate([early]), {
    found:
      '1_f.sql may fail: line 3 uses \'c\' in the transaction that adds it to type mood (line 1): "unsafe use of new value"',
    remedy:
      "move line 3, and what else uses 'c', into a new file behind it and run `atlas migrate hash`",
    subjects: ["1_f.sql: 'c'"],
    at: { file: '1_f.sql', line: 3 },
  })
  t.match(
    evaluate([early, 'VACUUM;\n']),
    { found: /^2_f\.sql cannot run/, severity: undefined, details: [/^1_f\.sql: line 3/] },
    'what fails for certain comes first',
  )
  t.equal(evaluate([early], { target: resolved({ dialect: 'mysql' }) }), null)
  t.end()
})
