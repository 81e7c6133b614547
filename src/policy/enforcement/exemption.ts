import { matchesGlob } from '../settings/glob.js'
import type { Exemption, Settings } from '../settings/settings.js'
import { parseUntil } from '../settings/until.js'

/** The first exemption of the policy that covers a rule for an object at a moment, or null. */
export function exemptionFor(
  settings: Settings,
  subject: { readonly rule: string; readonly namespace: string; readonly name: string },
  now: Date,
): Exemption | null {
  return (
    settings.exemptions.find(
      exemption =>
        (exemption.rule === '*' || exemption.rule === subject.rule) &&
        matchesGlob(exemption.namespace, subject.namespace) &&
        matchesGlob(exemption.name, subject.name) &&
        isInForce(exemption, now),
    ) ?? null
  )
}

function isInForce({ until }: Exemption, now: Date): boolean {
  if (until === undefined) return true
  const end = parseUntil(until)
  // The settings were checked when they were read. Should an end be unreadable here, the exemption
  // must not last for ever.
  return end !== null && now.getTime() < end
}
