import type { ObjectMetadata } from '../facts/atlas-migration.js'
import { selectsLabels } from '../settings/label-selector.js'
import type { OperatorSettings } from '../settings/settings.js'

/**
 * Why the operator never reconciles an object, as a sentence; null when it does. The operator
 * watches the namespaces of its `--namespace` and the labels of its `--label-selector` alone
 * (operator 0.7 and 0.8), and leaves everything else as it is.
 */
export function outsideOperator(
  { namespaces, labelSelector }: OperatorSettings,
  { namespace = '', labels = {} }: ObjectMetadata,
): string | null {
  if (namespaces.length > 0 && !namespaces.includes(namespace))
    return `no operator reconciles it: namespace ${namespace} is not in operator.namespaces of the policy, so nothing is predicted`
  if (selectsLabels(labelSelector, new Map(Object.entries(labels)))) return null
  return 'no operator reconciles it: its labels do not match operator.labelSelector of the policy, so nothing is predicted'
}

/**
 * What is said beside the verdict on a Secret: without the right to watch Secrets, the operator
 * reads the new value only when something else starts a reconcile.
 */
export const secretWakesNobody =
  'the operator does not watch Secrets here (operator.watchSecrets: false): it takes the new value at its next reconcile'
