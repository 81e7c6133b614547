import t from 'tap'
import type { DirectorySource } from '../../../src/policy/facts/atlas-migration.js'
import { proposalLines } from '../../../src/policy/consolidation/consolidation-proposal.js'
import { directoryName } from '../../../src/policy/facts/directory-name.js'
import { proposalSentence } from '../../../src/policy/consolidation/shared-table-proposal.js'

type Named = [dir: DirectorySource | undefined, name: string | null]

const local = { '1.sql': '' }
const configMapRef = { name: 'files' }

const named: readonly Named[] = [
  [undefined, null],
  [{}, null],
  [{ remote: { name: 'x' }, local }, null],
  [{ local, configMapRef }, null],
  [{ remote: {}, local }, 'migration:shop/a'],
  [{ configMapRef }, 'configmap:shop/files'],
]

for (const [dir, name] of named)
  void t.test(`spec.dir ${JSON.stringify(dir)} is named ${name}`, async t =>
    t.equal(
      directoryName({ metadata: { namespace: 'shop', name: 'a' }, spec: dir ? { dir } : {} }),
      name,
    ),
  )

const refusal = (found: string) => ({
  reason: 'late-file' as const,
  found,
  remedy: 'do this',
  subjects: [],
  database: null,
})

void t.test('a sentence has the first reason, and how many more there are', async t => {
  const refusals = [refusal('one'), refusal('two')]
  const refused = { kind: 'refused' as const, refusals, withNewVersions: false }
  const proposal = { ...refused, withNewVersions: true }
  const sources = ['a', 'b']
  const first = 'cannot be consolidated as it stands: one; fix: do this (and 1 more)'
  t.equal(proposalSentence({ sources, proposal: refused }, []), first)
  t.equal(
    proposalSentence({ sources, proposal }, []),
    `${first}; can be consolidated with new versions for the files that never ran: atlas-admission consolidate a b --rename-pending`,
  )
  t.equal(proposalSentence({ sources, proposal }, ['app/c']), first, 'c may have run them')
})

void t.test('without options that name a cluster, the command has none', async t => {
  const proposal = { kind: 'possible' as const, plans: [], notes: [] }
  t.strictSame(proposalLines(proposal, { sources: ['configmap:a/b'], options: '' }), [
    'can be consolidated as it stands: atlas-admission consolidate configmap:a/b --configmap NAME --output DIR',
  ])
})
