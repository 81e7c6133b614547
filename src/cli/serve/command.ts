import { clusterOptions } from '../input/cluster-options.js'
import type { Command } from '../line/command.js'
import { listen } from '../line/listen-option.js'

export const serveCommand: Command = {
  name: 'serve',
  summary: 'answer AdmissionReviews over HTTPS',
  operands: '',
  options: [
    ...clusterOptions,
    listen,
    {
      name: 'metrics-listen',
      value: 'HOST:PORT',
      environment: 'ATLAS_ADMISSION_METRICS_LISTEN',
      default: '127.0.0.1:8081',
      help: 'where to serve /metrics over HTTP; "off" for nowhere',
    },
    {
      name: 'tls-cert',
      value: 'FILE',
      environment: 'ATLAS_ADMISSION_TLS_CERT',
      help: 'certificate chain (PEM), read again when it changes; none: one is made in memory',
    },
    {
      name: 'tls-key',
      value: 'FILE',
      environment: 'ATLAS_ADMISSION_TLS_KEY',
      help: 'private key (PEM) of --tls-cert',
    },
    {
      name: 'client-ca',
      value: 'FILE',
      environment: 'ATLAS_ADMISSION_CLIENT_CA',
      help: 'review only for callers with a certificate of these authorities (PEM, read again)',
    },
    {
      name: 'client-names',
      value: 'NAME,...',
      environment: 'ATLAS_ADMISSION_CLIENT_NAMES',
      help: 'names of which that certificate must carry one (common name or DNS name)',
    },
    {
      name: 'certificate-secret',
      value: 'NAMESPACE/NAME',
      environment: 'ATLAS_ADMISSION_CERTIFICATE_SECRET',
      help: 'make the certificate, keep it in this Secret and renew it; with --kubernetes',
    },
    {
      name: 'service',
      value: 'NAMESPACE/NAME',
      environment: 'ATLAS_ADMISSION_SERVICE',
      help: 'Service that API servers call: what the certificate of --certificate-secret is for',
    },
    {
      name: 'webhook-configurations',
      value: 'NAME,...',
      environment: 'ATLAS_ADMISSION_WEBHOOK_CONFIGURATIONS',
      help: 'webhook configurations (NAME or mutating/NAME) that are made to trust it',
    },
    {
      name: 'policy',
      value: 'FILE',
      environment: 'ATLAS_ADMISSION_POLICY',
      help: 'settings file (YAML); deploy/policy.example.yaml explains every key',
    },
    {
      name: 'drain-delay',
      value: 'DURATION',
      environment: 'ATLAS_ADMISSION_DRAIN_DELAY',
      default: '1s',
      help: 'how long to serve on after a stop signal, so that no caller is lost',
    },
    {
      name: 'log-level',
      value: 'LEVEL',
      environment: 'ATLAS_ADMISSION_LOG_LEVEL',
      default: 'info',
      help: 'trace, debug, info, warn, error or silent',
    },
  ],
  examples: [
    'atlas-admission serve --manifests ./cluster',
    'atlas-admission serve --manifests ./cluster --policy policy.yaml --listen 0.0.0.0:8443',
    'atlas-admission serve --kubernetes --kubeconfig ~/.kube/config --namespaces shop,billing',
  ],
}
