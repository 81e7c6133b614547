const glob = { type: 'string', format: 'glob' } as const
const globs = { type: 'array', items: glob, minItems: 1 } as const

const modeSchema = {
  description:
    'enforce: severities as they are; warn: deny becomes warn; audit: everything becomes audit.',
  enum: ['enforce', 'warn', 'audit'],
} as const

const ruleSetting = { enum: ['deny', 'warn', 'audit', 'off'] } as const
const rulesDescription = 'Severity per rule id. off silences a rule, also in reports.'
const rulePattern = { $ref: '#/definitions/rulePattern' } as const

/** The settings that a policy can give for all namespaces, and again for some. */
const enforcement = {
  mode: modeSchema,
  onError: {
    description:
      'What "cannot decide" leads to: allow with a warning, or 503, which clients retry.',
    enum: ['allow', 'deny'],
  },
  dryRun: {
    description:
      "warn: on a dry run a finding about another object's current content is at most a warning.",
    enum: ['warn', 'enforce'],
  },
  newRules: {
    description:
      'default: a rule that an upgrade brings counts at once. warn: a rule younger than the version in `since` is at most a warning, unless `rules` names it.',
    enum: ['default', 'warn'],
  },
  rules: { $ref: '#/definitions/rules' },
} as const

/**
 * Milliseconds up to ten minutes. That is more than any API server waits for a webhook (30 s), so
 * more is surely a mistake in the unit.
 */
const milliseconds = { type: 'integer', minimum: 1, maximum: 600_000 } as const
const count = { type: 'integer', minimum: 1, maximum: 10_000 } as const

const databaseSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    connectTimeoutMs: milliseconds,
    statementTimeoutMs: milliseconds,
    lockTimeoutMs: milliseconds,
    idleTimeoutMs: milliseconds,
    maxConnectionsPerTarget: count,
    maxConnections: count,
    maxRows: {
      description: 'More rows than this are not read: "cannot decide".',
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
    },
    allowedHosts: {
      description:
        'Host globs, CIDRs and folders of Unix sockets; empty = every address that is not refused, and no socket.',
      type: 'array',
      items: { type: 'string', format: 'host' },
    },
    refusedAddresses: {
      description: 'CIDRs refused in addition to link-local and metadata addresses.',
      type: 'array',
      items: { type: 'string', format: 'cidr' },
    },
    ownAddresses: {
      description:
        'Loopback and the own addresses of the pod: refused unless allowedHosts names them, or allowed. auto = refused with --kubernetes in a pod, allowed elsewhere.',
      enum: ['auto', 'refused', 'allowed'],
    },
    sslRootCert: {
      description:
        "PEM file with the roots for sslmode verify-ca and verify-full; empty = the system's.",
      type: 'string',
    },
    tls: {
      description:
        'Private authorities: a PEM file with their roots for each group of hosts. The first entry that covers a host counts, before sslRootCert.',
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['hosts', 'caFile'],
        properties: {
          hosts: { type: 'array', items: { type: 'string', format: 'host' }, minItems: 1 },
          caFile: { type: 'string', format: 'text' },
        },
      },
    },
  },
} as const

const auditSchema = {
  description: 'The background audit, which judges what is there already.',
  type: 'object',
  additionalProperties: false,
  properties: {
    intervalSeconds: {
      description: 'Between two audits of everything; 0 = no audit. Changes are audited at once.',
      type: 'integer',
      minimum: 0,
      maximum: 86_400,
    },
    concurrency: {
      description: 'AtlasMigrations that are judged at a time.',
      type: 'integer',
      minimum: 1,
      maximum: 64,
    },
    events: { description: 'Write Events on the AtlasMigrations.', type: 'boolean' },
    reports: {
      description:
        'Write a Report (openreports.io) or PolicyReport (wgpolicyk8s.io) for each AtlasMigration.',
      type: 'boolean',
    },
  },
} as const

const consolidationSchema = {
  description: 'How AtlasMigrations come to use a consolidated directory.',
  type: 'object',
  additionalProperties: false,
  properties: {
    rewrite: {
      description:
        'annotated: the mutating webhook points an AtlasMigration to the ConfigMap whose annotation atlas-admission.io/consolidates lists the one it names, if that is safe.',
      enum: ['off', 'annotated'],
    },
  },
} as const

const operatorSchema = {
  description:
    'The Atlas Operator as it was installed. Nothing in the cluster shows it, so only this file can tell.',
  type: 'object',
  additionalProperties: false,
  properties: {
    namespaces: {
      description:
        'Namespaces that the operator watches (--namespace); empty = all. Objects elsewhere are not predicted.',
      type: 'array',
      items: { type: 'string', format: 'text' },
    },
    labelSelector: {
      description:
        "The operator's --label-selector; empty = every object. Objects that it does not select are not predicted.",
      type: 'string',
      format: 'label-selector',
    },
    watchSecrets: {
      description: 'false: a changed Secret starts no reconcile (watchSecrets of its chart).',
      type: 'boolean',
    },
    allowCustomConfig: {
      description: 'false: the operator refuses a custom atlas.hcl; unset = not known.',
      type: 'boolean',
    },
    version: { description: 'Unset = not known.', enum: ['0.7', '0.8'] },
  },
} as const

const exemptionSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['rule', 'reason'],
  properties: {
    rule: rulePattern,
    namespace: { ...glob, default: '*' },
    name: { ...glob, default: '*' },
    reason: { description: 'Said in every warning about a use.', type: 'string', format: 'text' },
    until: {
      description:
        'RFC 3339 date (through the end of that day, UTC) or time; past it, the exemption is void.',
      type: 'string',
      format: 'until',
    },
  },
} as const

/**
 * JSON Schema of the settings file, published as deploy/policy.schema.json. An unknown key is a
 * mistake.
 */
export const settingsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'atlas-admission policy',
  definitions: {
    rules: { description: rulesDescription, type: 'object', additionalProperties: ruleSetting },
    rulePattern: { description: 'A rule id, or *.', type: 'string' },
  },
  type: 'object',
  additionalProperties: false,
  properties: {
    ...enforcement,
    since: {
      description:
        'The version of atlas-admission whose rules this policy knows, such as 0.1.0. `newRules: warn` needs it.',
      type: 'string',
      format: 'version',
    },
    overridable: {
      description:
        'Rules that an object may override by the annotation atlas-admission.io/allow; * for all.',
      type: 'array',
      items: rulePattern,
    },
    namespaces: {
      description: 'Overrides for some namespaces. Later ones win over earlier ones.',
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['match'],
        properties: { match: globs, ...enforcement },
      },
    },
    exemptions: { type: 'array', items: exemptionSchema },
    database: databaseSchema,
    audit: auditSchema,
    consolidation: consolidationSchema,
    operator: operatorSchema,
    documentationUrl: {
      description:
        'URL of the rule pages: {id} stands for the rule; without it, /<rule id> is added. Empty = no links.',
      type: 'string',
      format: 'base-url',
    },
  },
} as const

/** The schema that accepts no other rule ids than these. */
export function settingsSchemaOf(knownRules: readonly string[]): object {
  const properties = Object.fromEntries(knownRules.map(id => [id, ruleSetting]))
  return {
    ...settingsSchema,
    definitions: {
      rules: { type: 'object', additionalProperties: false, properties },
      rulePattern: { enum: [...knownRules, '*'] },
    },
  }
}
