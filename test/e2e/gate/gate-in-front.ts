import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startReviewing } from '../../../src/gate/running-gate.js'
import { buildPostgresReader } from '../../../src/database/postgres-reader.js'
import { openManifests } from '../../../src/manifests/manifests-cluster.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import { buildLogger } from '../../../src/webhook/logger.js'
import type { ControlPlane } from '../control-plane/control-plane.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { readControlPlaneSettings } from '../control-plane/settings.js'

export const webhookName = 'validate.atlas-admission.io'

const configuration = 'atlas-admission-e2e'

export interface GateInFront {
  /** Takes the gate away; the API server still asks for it. */
  stop(): Promise<void>
}

/**
 * Our server, with an empty folder for the cluster, asked by the API server about every AtlasMigration that is
 * created or updated; without an answer the write fails. Both go with the test.
 */
export async function putGateInFront(t: Test, { kubectl }: ControlPlane): Promise<GateInFront> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-admission-e2e-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const manifests = await openManifests(folder)
  t.teardown(() => manifests.close())
  const reader = buildPostgresReader({ limits: defaultSettings.database, onFailure: () => {} })
  t.teardown(() => reader.close())
  const gate = await startReviewing(
    {
      listen: { host: readControlPlaneSettings().webhookHost, port: 0 },
      metricsListen: null,
      certificateFiles: null,
      drainDelayMs: 0,
    },
    {
      cluster: manifests,
      reader,
      settings: defaultSettings,
      log: buildLogger({ level: 'silent' }),
    },
  )
  t.teardown(() => gate.stop())
  await kubectlOutput(kubectl, ['apply', '--filename=-'], {
    input: JSON.stringify(webhookConfiguration(`${gate.url}/validate`, gate.authority ?? '')),
  })
  t.teardown(() => kubectl(['delete', `validatingwebhookconfiguration/${configuration}`]))
  return { stop: () => gate.stop() }
}

function webhookConfiguration(url: string, authority: string): unknown {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: configuration },
    webhooks: [
      {
        name: webhookName,
        clientConfig: { url, caBundle: Buffer.from(authority).toString('base64') },
        rules: [
          {
            apiGroups: ['db.atlasgo.io'],
            apiVersions: ['v1alpha1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['atlasmigrations'],
          },
        ],
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 10,
      },
    ],
  }
}
