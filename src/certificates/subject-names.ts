/** A subject alternative name. */
export interface AltName {
  readonly type: 'dns' | 'ip'
  readonly value: string
}

/** A Service of Kubernetes. */
export interface ServiceName {
  readonly namespace: string
  readonly name: string
}

/**
 * The names by which a Service is called. kube-apiserver verifies `<service>.<namespace>.svc`. The
 * long form, for the usual cluster domain, and `localhost` are for people with curl.
 */
export function serviceDnsNames({ namespace, name }: ServiceName): readonly string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`, 'localhost']
}

export function dnsAltNames(names: readonly string[]): readonly AltName[] {
  return names.map(value => ({ type: 'dns', value }))
}

export function ipAltNames(addresses: readonly string[]): readonly AltName[] {
  return addresses.map(value => ({ type: 'ip', value }))
}
