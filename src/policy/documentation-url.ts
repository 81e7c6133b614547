/** Where the page of a rule is: `base/<id>`, or `base` with the id in the place of each `{id}`; '' without a base. */
export function documentationUrl(base: string, id: string): string {
  if (base === '' || base.includes('{id}')) return base.replaceAll('{id}', id)
  return `${base.replace(/\/+$/, '')}/${id}`
}
