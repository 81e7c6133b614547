import type { OperatorFacts } from '../facts/facts.js'
import type { LabelRequirement } from './label-selector.js'
import type { Severity } from '../facts/finding.js'

export type Mode = 'enforce' | 'warn' | 'audit'

/** `off` silences a rule, also in reports. */
export type RuleSetting = Severity | 'off'

/** The settings that a policy can give for all namespaces, and again for some. */
export interface Enforcement {
  /** enforce: severities as they are. warn: deny becomes warn. audit: everything becomes audit. */
  readonly mode: Mode
  /** What "cannot decide" leads to. */
  readonly onError: 'allow' | 'deny'
  /**
   * warn: on a dry run, a finding that rests on another object's current content is at most a
   * warning.
   */
  readonly dryRun: 'warn' | 'enforce'
  /**
   * default: a new rule counts from the upgrade on. warn: a rule that is younger than `since` is at
   * most a warning, until the policy names it in `rules` or `since` is raised.
   */
  readonly newRules: 'default' | 'warn'
  readonly rules: Readonly<Record<string, RuleSetting>>
}

export interface NamespaceOverride extends Partial<Enforcement> {
  /** Globs over names of namespaces (`*` and `?`). Later overrides win over earlier ones. */
  readonly match: readonly string[]
}

export interface Exemption {
  /** A rule id, or `*`. */
  readonly rule: string
  /** Globs. */
  readonly namespace: string
  readonly name: string
  readonly reason: string
  /** RFC 3339 date or time, after which the exemption no longer counts. */
  readonly until?: string
}

export interface DatabaseLimits {
  readonly connectTimeoutMs: number
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly maxConnectionsPerTarget: number
  readonly maxConnections: number
  /** Most rows that are read of a table. With more, the answer is "cannot decide". */
  readonly maxRows: number
  /** Host globs and CIDRs that may be connected to; empty: every address that is not refused. */
  readonly allowedHosts: readonly string[]
  /** CIDRs that are refused in addition to link-local and metadata addresses. */
  readonly refusedAddresses: readonly string[]
  /**
   * Whether loopback, and the addresses of the machine (the pod) that this runs on, may be
   * connected to. refused: only where `allowedHosts` names them. allowed: as any other. auto:
   * refused in a pod of the cluster that is served, allowed everywhere else.
   */
  readonly ownAddresses: 'auto' | 'refused' | 'allowed'
  /**
   * PEM file with the root certificates for sslmode verify-ca and verify-full; empty: those of the
   * system.
   */
  readonly sslRootCert: string
  /**
   * Root certificates for some hosts, in place of sslRootCert. The first entry that covers a host
   * counts.
   */
  readonly tls: readonly HostAuthority[]
}

/** A private certificate authority for some hosts. */
export interface HostAuthority {
  /** Host globs, as in allowedHosts. */
  readonly hosts: readonly string[]
  /** PEM file with its root certificates. */
  readonly caFile: string
}

/** The background audit, which judges the AtlasMigrations that exist already. */
export interface AuditSettings {
  /** Seconds between two audits of everything; 0 means no audit. */
  readonly intervalSeconds: number
  /** Number of AtlasMigrations that are judged at a time. */
  readonly concurrency: number
  /** Whether Events are written on the AtlasMigrations. */
  readonly events: boolean
  /**
   * Whether a Report (openreports.io) or PolicyReport (wgpolicyk8s.io) is written for each
   * AtlasMigration.
   */
  readonly reports: boolean
}

/** How AtlasMigrations come to use a consolidated directory. */
export interface ConsolidationSettings {
  /**
   * annotated: /mutate points an object to the ConfigMap whose annotation says that it consolidates
   * the one named.
   */
  readonly rewrite: 'off' | 'annotated'
}

/** The operator as it was installed: its scope and its rights, which nothing in the cluster shows. */
export interface OperatorSettings extends OperatorFacts {
  /** Names of the namespaces that it watches (`--namespace`); empty: all. */
  readonly namespaces: readonly string[]
  /** Its `--label-selector`; empty: every object. */
  readonly labelSelector: readonly LabelRequirement[]
  /** Whether a changed Secret starts a reconcile (`watchSecrets` of its chart). */
  readonly watchSecrets: boolean
}

/** The parsed settings file, with every default filled in. */
export interface Settings extends Enforcement {
  /** The version whose rules the policy knows; empty where no rule counts as new. */
  readonly since: string
  /** Rules that an object may override by annotation; `*` for all. */
  readonly overridable: readonly string[]
  readonly namespaces: readonly NamespaceOverride[]
  readonly exemptions: readonly Exemption[]
  readonly database: DatabaseLimits
  readonly audit: AuditSettings
  readonly consolidation: ConsolidationSettings
  readonly operator: OperatorSettings
  /** URL of the rule pages, see {@link documentationUrl}; empty: no links. */
  readonly documentationUrl: string
}
