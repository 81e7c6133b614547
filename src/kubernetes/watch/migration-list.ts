import type { ApiClient } from '../api/api-client.js'
import { parseWatchedMigration, type WatchedMigration } from './watched-migration.js'

/** A list in the form that the library's informer expects. */
export interface MigrationList {
  readonly metadata: { readonly resourceVersion: string }
  readonly items: WatchedMigration[]
}

export interface ListOptions {
  readonly path: string
  /** Ends the list when the watch is closed. */
  readonly signal: AbortSignal
  /** Time limit for each page. */
  readonly timeoutMs: number
}

/**
 * Objects of one page, as many as kubectl asks for. Each page is reduced to what is needed before
 * the next one is read.
 */
const pageSize = '500'

/**
 * Lists all pages. Rejects when one fails, for example with 410 when the list took longer than its
 * continue token is valid.
 */
export async function listMigrations(
  client: ApiClient,
  { path, signal, timeoutMs }: ListOptions,
): Promise<MigrationList> {
  const items: WatchedMigration[] = []
  let page: Page | null = null
  do {
    const body = await client.get({
      path,
      query: { limit: pageSize, ...(page && { continue: page.token }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    page = parsePage(body)
    for (const item of page.items) {
      const watched = parseWatchedMigration(item)
      if (watched) items.push(watched)
    }
  } while (page.token !== '')
  return { metadata: { resourceVersion: page.resourceVersion }, items }
}

interface Page {
  readonly items: readonly unknown[]
  readonly token: string
  readonly resourceVersion: string
}

function parsePage(body: unknown): Page {
  const { items, metadata } = Object(body) as Record<string, unknown>
  const { continue: token = '', resourceVersion } = Object(metadata) as Record<string, unknown>
  if (!Array.isArray(items) || typeof resourceVersion !== 'string' || typeof token !== 'string')
    throw new SyntaxError('expected a list of objects')
  return { items, token, resourceVersion }
}
