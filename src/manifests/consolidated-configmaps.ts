import type { ObjectMetadata } from '../policy/facts/atlas-migration.js'
import { consolidatesAnnotation } from '../policy/consolidation/consolidation-claim.js'

/**
 * Metadata of the objects of a namespace that have the annotation. No kind other than ConfigMap has
 * a reason for it.
 */
export function consolidatedConfigMaps(
  namespace: string,
  objects: Iterable<{ readonly metadata: ObjectMetadata }>,
): readonly ObjectMetadata[] {
  return [...objects]
    .map(({ metadata }) => metadata)
    .filter(metadata => metadata.namespace === namespace)
    .filter(({ annotations = {} }) => consolidatesAnnotation in annotations)
}
