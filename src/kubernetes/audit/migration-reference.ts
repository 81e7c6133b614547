import type { AuditedObject } from '../../review/audit/audit-migration.js'

/** An ObjectReference (v1) to an AtlasMigration. */
export function migrationReference({ namespace, name, uid }: AuditedObject) {
  return { apiVersion: 'db.atlasgo.io/v1alpha1', kind: 'AtlasMigration', namespace, name, uid }
}
