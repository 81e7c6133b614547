/**
 * What Flux's postBuild substitution (fluxcd/pkg/envsubst, tried on these texts) does to a text:
 * every `$$` becomes `$`, `${name}` becomes the value of a variable, and nothing where it has none.
 * `$1` and `$name` stay. The first can be undone, the second cannot.
 */

/** A dollar that stays as it is: the quote of a tag (`$body$`), or a parameter (`$1`). */
const keptDollar = String.raw`\$[A-Za-z_]\w*\$|\$\d+`

const everyDollar = new RegExp(`${keptDollar}|\\$`, 'g')
const dollarOutsideBraces = new RegExp(`${keptDollar}|\\$\\{|\\$`, 'g')

const doubled = (found: string) => (found === '$' ? '$$' : found)

/**
 * The texts that may have been there before, the likelier first: quotes alone were written with two
 * dollars, or `${` as well, or every dollar of the text.
 */
export const undoneSubstitutions: readonly ((text: string) => string)[] = [
  text => text.replaceAll(dollarOutsideBraces, doubled),
  text => text.replaceAll(everyDollar, doubled),
  text => text.replaceAll('$', () => '$$'),
]

/** What a pair of dollars that means something looks like; what is left stands alone. */
const meaningful = new RegExp(`\\$\\$|${keptDollar}|\\$\\{`, 'g')

/**
 * Whether a dollar stands alone where SQL has a quote of two, as in `AS $ BEGIN`. It may also be a
 * dollar in a text, so this is only a sign.
 */
export function hasLoneDollar(text: string): boolean {
  return /(?:^|[\s;])\$(?:$|[\s;,)])/m.test(text.replaceAll(meaningful, ''))
}

/** How to keep Flux from substituting. It reads the annotation from the object in its source. */
export const exemptFromFlux = 'annotate it: kustomize.toolkit.fluxcd.io/substitute: disabled'
