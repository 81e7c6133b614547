import { maxDataBytes } from '../directory/configmap-data.js'
import type { ConsolidationInput, Refusal } from './consolidation.js'

/**
 * Size, in bytes, from which a note warns: about two thirds of the 1 MiB limit, because the next
 * migrations still have to fit.
 */
const nearBytes = 700 * 1024

export function refuseSize(bytes: number, { output }: ConsolidationInput): readonly Refusal[] {
  if (bytes <= maxDataBytes || output === 'folder') return []
  return [
    {
      reason: 'too-large',
      found: `the files take ${bytes} bytes, ${bytes - maxDataBytes} more than a ConfigMap holds (${maxDataBytes})`,
      remedy:
        'use a remote directory, or keep the directories apart: another revisionsSchema, and a baseline from the first reconcile on, for one of them; a checkpoint saves nothing while the old files have to stay, and the operator reads neither binaryData nor gzip',
      subjects: [],
      database: null,
    },
  ]
}

export function noteSize(bytes: number): readonly string[] {
  if (bytes <= nearBytes) return []
  const share = Math.round((bytes / maxDataBytes) * 100)
  return [
    `the files take ${bytes} bytes, ${share} % of what a ConfigMap holds; the dir-state Secret, which holds them as tar.gz, has the same limit`,
  ]
}
