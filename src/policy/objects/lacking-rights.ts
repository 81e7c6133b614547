import type { Facts } from '../facts/facts.js'
import { sqlName } from '../text/sql-name.js'
import { type KnownUse, knownUses, nameUse } from './pending-objects.js'

/** A command of a pending file that the role may not run. */
export interface RefusedUse {
  readonly known: KnownUse
  /** What is refused and why, without the file. */
  readonly because: string
  /** The way out, such as the statement that gives the role the right. */
  readonly remedy: string
}

/** What the pending files do that the role of the URL may not, once for each way out. */
export function refusedUses(facts: Facts, role: string): readonly RefusedUse[] {
  const refused = new Map<string, RefusedUse>()
  for (const known of knownUses(facts)) {
    const use = refusedUse(known, { role, facts })
    if (use && !refused.has(use.remedy)) refused.set(use.remedy, use)
  }
  return [...refused.values()]
}

interface Asker {
  readonly role: string
  readonly facts: Facts
}

function refusedUse(known: KnownUse, asker: Asker): RefusedUse | null {
  const { use, found } = known
  if (use.purpose === 'create') return found.mayCreate ? null : refusedCreation(known, asker)
  const may = use.purpose === 'drop' ? found.mayDrop : found.owned
  if (!found.exists || may || found.owner === null) return null
  const does = use.purpose === 'drop' ? 'drops' : 'changes'
  const table = [found.schema, found.table].map(name => sqlName(name ?? '')).join('.')
  return {
    known,
    because: `${does} ${nameUse(known)} of ${found.owner}, and role ${asker.role} is not its owner`,
    remedy: `run ALTER TABLE ${table} OWNER TO ${sqlName(asker.role)}`,
  }
}

function refusedCreation(known: KnownUse, { role, facts }: Asker): RefusedUse | null {
  const { use, found } = known
  const creates = `creates ${nameUse(known)}, and role ${role} lacks`
  if (use.asked.kind === 'role')
    return {
      known,
      because: `${creates} CREATEROLE`,
      // Who may create roles can give itself more than that.
      remedy: 'create the role as an administrator, and leave it out of the files',
    }
  if (use.asked.kind === 'schema') {
    const database = facts.target.kind === 'resolved' ? facts.target.target.database : ''
    return {
      known,
      because: `${creates} CREATE on database ${database}`,
      remedy: `run GRANT CREATE ON DATABASE ${sqlName(database)} TO ${sqlName(role)}`,
    }
  }
  return {
    known,
    because: `${creates} CREATE on schema ${found.schema}`,
    remedy: `run GRANT CREATE ON SCHEMA ${sqlName(found.schema ?? '')} TO ${sqlName(role)}`,
  }
}
