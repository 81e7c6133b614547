/**
 * Most bytes that the values of a ConfigMap or Secret may have together: 1 MiB (Kubernetes,
 * `core.MaxSecretSize`).
 */
export const maxDataBytes = 1_048_576

/** Bytes of a ConfigMap's values. Its keys do not count (Kubernetes, `ValidateConfigMap`). */
export function dataBytes(data: Readonly<Record<string, string>>): number {
  return Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value), 0)
}
