import { randomBytes } from 'node:crypto'
import { execute, quote, withClient } from '../../database/test-postgres.js'

/** The role that owns the databases and runs the files, as that of a service does: no superuser. */
export const owner = 'healthy_owner'

/** A database of a measurement. */
export interface ScratchDatabase {
  readonly name: string
  /** Its URL for the superuser. */
  readonly superuser: string
  /** Its URL for the owner. */
  readonly url: string
}

/** A server on which databases are made and dropped. */
export interface ScratchServer {
  /** A new database, empty or a copy of another. */
  create(template?: ScratchDatabase): Promise<ScratchDatabase>
  /** Drops it, and the roles that came into being since it was made. */
  drop(database: ScratchDatabase): Promise<void>
}

/** @param url one of a superuser, on PostgreSQL 15 or newer */
export async function openScratchServer(url: string): Promise<ScratchServer> {
  const known = new Map<string, readonly string[]>()
  await execute(
    url,
    `DO $$ BEGIN CREATE ROLE ${owner} LOGIN CREATEROLE; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
  )
  return {
    async create(template) {
      const name = `healthy_${randomBytes(6).toString('hex')}`
      const source = template?.name ?? 'template0'
      known.set(name, await roles(url))
      await execute(
        url,
        `CREATE DATABASE ${name} TEMPLATE ${source} OWNER ${owner} STRATEGY file_copy`,
      )
      return { name, superuser: urlOf(url, name), url: urlOf(url, name, owner) }
    },
    async drop({ name }) {
      await execute(url, `DROP DATABASE ${name} WITH (FORCE)`)
      const added = (await roles(url)).filter(role => !known.get(name)!.includes(role))
      // A role that owns something in the database which was copied has to stay for now.
      for (const role of added) await execute(url, `DROP ROLE ${quote(role)}`).catch(() => {})
    },
  }
}

async function roles(url: string): Promise<readonly string[]> {
  const { rows } = await withClient(url, client => client.query('SELECT rolname FROM pg_roles'))
  return rows.map(row => String(row.rolname))
}

function urlOf(url: string, database: string, user?: string): string {
  const other = new URL(url)
  other.pathname = `/${database}`
  if (user !== undefined) other.username = user
  return other.href
}

/** The URL with one more parameter. */
export function withParameter(url: string, name: string, value: string): string {
  const other = new URL(url)
  other.searchParams.set(name, value)
  return other.href
}
