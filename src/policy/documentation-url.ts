/**
 * The URL of a rule's page: `base/<id>`, or `base` with the id in place of each `{id}`; empty
 * without a base.
 */
export function documentationUrl(base: string, id: string): string {
  if (base === '' || base.includes('{id}')) return base.replaceAll('{id}', id)
  return `${base.replace(/\/+$/, '')}/${id}`
}
