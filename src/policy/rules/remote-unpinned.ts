import { isRemote } from '../facts/directory-source.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const remoteUnpinned: Rule = {
  id: 'remote-unpinned',
  title: 'spec.dir.remote has no tag, or the tag "latest".',
  why: 'What runs depends on when the operator looks: it does not look again after a success, but does after a restart.',
  severity: 'warn',
  evidence: 'spec',
  order: 1100,
  since: '0.1.0',
  evaluate,
}

function evaluate({ migration: { spec } }: Facts): Finding | null {
  const tag = spec.dir?.remote?.tag ?? ''
  if (!isRemote(spec) || !['', 'latest'].includes(tag)) return null
  return {
    found: `the remote directory has ${tag === '' ? 'no tag' : 'the tag "latest"'}: what runs can change without a write to this object`,
    expected: 'a tag that never moves, such as a commit id',
    remedy: 'set spec.dir.remote.tag',
    field: 'spec.dir.remote.tag',
    subjects: ['spec.dir.remote.tag'],
  }
}
