import t from 'tap'
import { sharedTableProposal } from '../../../src/policy/consolidation/shared-table-proposal.js'
import { buildFacts, files, rowsOf, sharing } from '../facts/facts-builder.js'

const own = files('1_a', '2_b')

void t.test('nothing is proposed where a directory or the table is not known', async t => {
  const rows = rowsOf(own)
  const known = buildFacts({ files: own, rows, sharing: [sharing('seed', files('3_c'))] })
  t.ok(sharedTableProposal(known))
  const table = { kind: 'unread' } as const
  t.equal(sharedTableProposal(buildFacts({ files: own, rows, table })), null)
  t.equal(
    sharedTableProposal(buildFacts({ files: own, rows, sharing: [sharing('seed', null)] })),
    null,
  )
})
