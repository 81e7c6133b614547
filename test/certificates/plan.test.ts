import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { issueAuthority, issueLeaf } from '../../src/certificates/issue.js'
import { issueTexts } from '../../src/certificates/issue-texts.js'
import { defaultTiming } from '../../src/certificates/lifetimes.js'
import {
  type CertificateAction,
  type CertificateState,
  planCertificates,
} from '../../src/certificates/certificate-plan.js'
import {
  type Authority,
  type CertificateTexts,
  type Leaf,
  parseAuthorities,
  parseStoredCertificates,
  type StoredCertificates,
} from '../../src/certificates/stored-certificates.js'
import { dnsAltNames, serviceDnsNames } from '../../src/certificates/subject-names.js'
import { TrustMemory } from '../../src/certificates/trust-memory.js'

const now = new Date('2026-03-01T00:00:00Z')
const timing = defaultTiming
const day = 86_400_000
const inDays = (days: number) => new Date(now.getTime() + days * day)

const authority = (name: string, days: number): Authority => ({
  fingerprint: name,
  pem: `(${name})`,
  expiresAt: inDays(days),
})
const withKey = (known: Authority) => ({ ...known, key: `key of ${known.fingerprint}` })
const old = authority('old', 100)
const young = authority('young', 365)
const gone = authority('gone', -1)
const stranger = authority('stranger', 50)

const names = ['gate.ops.svc']
const leafOf = (signedBy: string, days: number, dnsNames: readonly string[] = names): Leaf => ({
  cert: 'cert',
  key: 'key',
  fingerprint: `leaf of ${signedBy} for ${days} days`,
  signedBy,
  expiresAt: inDays(days),
  dnsNames,
})
const leaf = leafOf('young', 90)

const steady: StoredCertificates = { authorities: [young], signer: withKey(young), leaf }
const rotating: StoredCertificates = {
  authorities: [young, old],
  signer: withKey(young),
  leaf: leafOf('old', 70),
}
const nothing: StoredCertificates = { authorities: [], signer: null, leaf: null }

const gate = (...bundles: readonly (readonly Authority[])[]) => ({
  name: 'validating/gate',
  bundles,
})
const held = (fingerprints: readonly string[], ms = timing.overlapMs) =>
  new Map(fingerprints.map(fingerprint => [fingerprint, ms]))

const trusted: CertificateState = {
  stored: steady,
  configurations: [gate([young])],
  serving: leaf,
  dnsNames: names,
  heldMs: held(['young']),
  strangerMs: new Map(),
}

type Case = [title: string, state: Partial<CertificateState>, actions: readonly CertificateAction[]]

const issue = (
  parts: Omit<Extract<CertificateAction, { kind: 'issue' }>, 'kind'>,
): CertificateAction => ({ kind: 'issue', ...parts })
const publish = (...authorities: readonly Authority[]): CertificateAction => ({
  kind: 'publish',
  configuration: 'validating/gate',
  authorities,
})
const serve = (served: Leaf): CertificateAction => ({ kind: 'serve', leaf: served })

const noAuthority = 'there is no authority to sign with'
const expiresSoon = 'the authority expires soon'
const young1 = withKey(young)

const secrets: readonly Case[] = [
  ['a cluster where all is well needs nothing', {}, []],
  [
    'a fresh installation gets an authority and a certificate',
    { stored: nothing, serving: null, configurations: [gate([])], heldMs: held([]) },
    [issue({ signer: 'new', leaf: null, keep: [], why: noAuthority })],
  ],
  [
    'a certificate in its last third is signed anew',
    { stored: { ...steady, leaf: leafOf('young', 29) } },
    [issue({ signer: young1, leaf: null, keep: [young], why: 'it expires soon' })],
  ],
  [
    'a certificate before its last third stays',
    { stored: { ...steady, leaf: leafOf('young', 31) }, serving: leafOf('young', 31) },
    [],
  ],
  [
    'a certificate that has expired is signed anew',
    { stored: { ...steady, leaf: leafOf('young', -1) } },
    [issue({ signer: young1, leaf: null, keep: [young], why: 'there is none to serve' })],
  ],
  [
    'a certificate without the name of the Service is signed anew',
    { stored: { ...steady, leaf: leafOf('young', 90, ['other.ops.svc']) } },
    [issue({ signer: young1, leaf: null, keep: [young], why: 'a name is missing' })],
  ],
  [
    'an authority in its last third gets a successor, and its certificate stays',
    { stored: { authorities: [old], signer: withKey(old), leaf: leafOf('old', 70) } },
    [issue({ signer: 'new', leaf: leafOf('old', 70), keep: [old], why: expiresSoon })],
  ],
  [
    'an authority in its last third still signs what is missing: it is trusted already',
    { stored: { authorities: [old], signer: withKey(old), leaf: leafOf('old', -1) } },
    [issue({ signer: withKey(old), leaf: null, keep: [old], why: 'there is none to serve' })],
  ],
  [
    'a new authority does not sign before it is trusted',
    {
      stored: rotating,
      serving: leafOf('old', 70),
      configurations: [gate([old])],
      heldMs: held(['old']),
    },
    [publish(young, old)],
  ],
  [
    'a new authority does not sign before it has been trusted for the whole overlap',
    {
      stored: rotating,
      serving: leafOf('old', 70),
      configurations: [gate([old, young])],
      heldMs: new Map([...held(['old']), ...held(['young'], timing.overlapMs - 1)]),
    },
    [],
  ],
  [
    'a new authority signs after the overlap, and the old one stays trusted',
    {
      stored: rotating,
      serving: leafOf('old', 70),
      configurations: [gate([old, young])],
      heldMs: held(['old', 'young']),
    },
    [
      issue({
        signer: young1,
        leaf: null,
        keep: [young, old],
        why: 'the new authority is trusted everywhere',
      }),
    ],
  ],
  [
    'an overlap that cannot end ends with the old certificate',
    { stored: { ...rotating, leaf: leafOf('old', -1) }, heldMs: held([]) },
    [issue({ signer: young1, leaf: null, keep: [young, old], why: 'there is none to serve' })],
  ],
  [
    'an authority that has expired leaves the Secret',
    { stored: { ...steady, authorities: [young, gone] }, configurations: [gate([young, gone])] },
    [issue({ signer: young1, leaf, keep: [young], why: 'an authority has expired' })],
  ],
  [
    'everything expired: all is made anew',
    { stored: { authorities: [gone], signer: withKey(gone), leaf: leafOf('gone', -2) } },
    [issue({ signer: 'new', leaf: null, keep: [], why: noAuthority })],
  ],
  [
    'a certificate of an expired authority is worth nothing',
    { stored: { ...steady, authorities: [gone, young], leaf: leafOf('gone', 20) } },
    [issue({ signer: young1, leaf: null, keep: [young], why: 'there is none to serve' })],
  ],
  [
    'a key that fits no authority: a successor, and what can be served stays',
    { stored: { ...steady, signer: null } },
    [issue({ signer: 'new', leaf, keep: [young], why: noAuthority })],
  ],
  [
    'a broken certificate is signed anew at once',
    { stored: { ...steady, leaf: null } },
    [issue({ signer: young1, leaf: null, keep: [young], why: 'there is none to serve' })],
  ],
  [
    'authorities that are of no use do not pile up',
    {
      stored: {
        authorities: [...['a', 'b', 'c', 'd'].map(name => authority(name, 10)), young, stranger],
        signer: null,
        leaf: leafOf('young', 50),
      },
    },
    [
      issue({
        signer: 'new',
        leaf: leafOf('young', 50),
        keep: [young, ...['a', 'b', 'c'].map(name => authority(name, 10))],
        why: noAuthority,
      }),
    ],
  ],
  [
    'a clock that is behind finds nothing due, whatever is not valid yet',
    { stored: { ...steady, leaf: leafOf('young', 400) }, serving: leafOf('young', 400) },
    [],
  ],
]

const replicas: readonly Case[] = [
  ['a replica that starts serves what the Secret has', { serving: null }, [serve(leaf)]],
  [
    'it does so before it is trusted, and has it trusted',
    { serving: null, configurations: [gate([])], heldMs: held([]) },
    [serve(leaf), publish(young)],
  ],
  [
    'a certificate of the same authority is served at once',
    { serving: leafOf('young', 20), heldMs: held(['young'], 0) },
    [serve(leaf)],
  ],
  [
    'one of a new authority waits while what is served is trusted',
    {
      serving: leafOf('old', 20),
      configurations: [gate([young, old])],
      heldMs: new Map([...held(['old']), ...held(['young'], 10)]),
      strangerMs: new Map([['old', 10]]),
    },
    [],
  ],
  [
    'it waits also while the new authority is not held at all',
    {
      serving: leafOf('old', 20),
      configurations: [gate([old])],
      heldMs: held(['old']),
      strangerMs: new Map([['old', 0]]),
    },
    [publish(young, old)],
  ],
  [
    'it is served once the new authority is trusted',
    { serving: leafOf('old', 20), heldMs: held(['young', 'old']) },
    [serve(leaf)],
  ],
  [
    'it is served at once when what is served has expired',
    { serving: leafOf('old', -1), heldMs: new Map([...held(['old']), ...held(['young'], 0)]) },
    [serve(leaf)],
  ],
  [
    'it is served at once when what is served is not trusted any more',
    { serving: leafOf('old', 20), heldMs: held(['young'], 0) },
    [serve(leaf)],
  ],
]

const longEnough = 2 * timing.overlapMs + timing.intervalMs

const bundles: readonly Case[] = [
  ['a caBundle that was emptied is filled', { configurations: [gate([])] }, [publish(young)]],
  [
    'entries that differ are made the same',
    { configurations: [gate([young], [])] },
    [publish(young)],
  ],
  [
    'a stranger stays for a while: other replicas may still serve below it',
    { configurations: [gate([young, stranger])], strangerMs: held(['stranger'], longEnough - 1) },
    [],
  ],
  [
    'a stranger stays also when the caBundle is written for another reason',
    { configurations: [gate([stranger], [])] },
    [publish(young, stranger)],
  ],
  [
    'a stranger leaves in the end',
    { configurations: [gate([young, stranger])], strangerMs: held(['stranger'], longEnough) },
    [publish(young)],
  ],
  [
    'a stranger that has expired leaves at once',
    { configurations: [gate([young, gone])] },
    [publish(young)],
  ],
  [
    'each configuration is looked at',
    { configurations: [gate([young]), { name: 'mutating/gate', bundles: [[]] }] },
    [{ kind: 'publish', configuration: 'mutating/gate', authorities: [young] }],
  ],
]

for (const [title, state, actions] of [...secrets, ...replicas, ...bundles])
  void t.test(title, async t => {
    t.strictSame(planCertificates({ ...trusted, ...state }, { now, timing }), actions)
  })

void t.test('the last third of an authority is longer than the life of a certificate', async t => {
  t.ok(timing.authorityMs / 3 > timing.leafMs)
})

void t.test('trust is remembered by its age, and forgotten when it ends', async t => {
  let elapsed = 1000
  const memory = new TrustMemory(() => elapsed)
  memory.observe([gate([old, stranger], [old])], [old, young])
  elapsed += 500
  t.strictSame([...memory.heldMs()], [['old', 500]])
  t.strictSame([...memory.strangerMs()], [['stranger', 500]])
  memory.observe([gate([old, young])], [young])
  elapsed += 20
  t.strictSame(
    [...memory.heldMs()],
    [
      ['old', 520],
      ['young', 20],
    ],
  )
  t.strictSame([...memory.strangerMs()], [['old', 20]], 'counted from when it became one')
  memory.observe([], [young])
  t.strictSame([...memory.heldMs()], [['young', 20]], 'with no configuration, all is trusted')
})

const validity = { notBefore: inDays(-1), notAfter: inDays(100) }
const issuer = await issueAuthority(validity)
const other = await issueAuthority(validity)
const served = await issueLeaf(issuer, {
  names: dnsAltNames(serviceDnsNames({ namespace: 'ops', name: 'gate' })),
  validity,
})
const texts: CertificateTexts = {
  authorities: other.cert + issuer.cert,
  authorityKey: issuer.key,
  certificate: served.cert,
  key: served.key,
}

void t.test('a Secret is read as it was written', async t => {
  const { authorities, signer, leaf } = parseStoredCertificates(texts)
  const fingerprint = new X509Certificate(issuer.cert).fingerprint256
  t.equal(authorities.length, 2)
  t.equal(signer?.fingerprint, fingerprint)
  t.equal(signer?.key, issuer.key)
  t.match(leaf, {
    cert: served.cert,
    key: served.key,
    signedBy: fingerprint,
    expiresAt: validity.notAfter,
    dnsNames: ['gate.ops.svc', 'gate.ops.svc.cluster.local', 'localhost'],
  })
  const subjects = [issuer, other].map(({ cert }) => new X509Certificate(cert).subject)
  t.not(subjects[0], subjects[1], 'a client that looks by name finds the right one')
})

const selfMade = await issueLeaf(issuer, { names: [], validity })
const forged = { ...other, cert: issuer.cert }

type Broken = [
  title: string,
  texts: Partial<CertificateTexts>,
  left: { readonly authorities: number; readonly signer: boolean; readonly leaf: boolean },
]

const noCertificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

const broken: readonly Broken[] = [
  ['nothing', {}, { authorities: 2, signer: true, leaf: true }],
  [
    'everything',
    { authorities: '', authorityKey: '', certificate: '', key: '' },
    { authorities: 0, signer: false, leaf: false },
  ],
  [
    'text that is no PEM',
    { certificate: 'x', authorityKey: 'y' },
    { authorities: 2, signer: false, leaf: false },
  ],
  [
    'PEM that holds no certificate, beside one that does',
    { authorities: noCertificate + issuer.cert },
    { authorities: 1, signer: true, leaf: true },
  ],
  [
    'a leaf in place of an authority',
    { authorities: served.cert },
    { authorities: 0, signer: false, leaf: false },
  ],
  ['the key of another leaf', { key: selfMade.key }, { authorities: 2, signer: true, leaf: false }],
  [
    'an authority that is not there',
    { authorities: other.cert },
    { authorities: 1, signer: false, leaf: false },
  ],
  [
    'the key of an authority that is not there',
    { authorityKey: served.key },
    { authorities: 2, signer: false, leaf: true },
  ],
]

for (const [title, change, left] of broken)
  void t.test(`what cannot be used of a Secret counts as missing: ${title}`, async t => {
    const { authorities, signer, leaf } = parseStoredCertificates({ ...texts, ...change })
    const found = { signer: signer !== null, leaf: leaf !== null }
    t.strictSame({ authorities: authorities.length, ...found }, left)
  })

void t.test('a leaf without names has none', async t => {
  const changed = { ...texts, certificate: selfMade.cert, key: selfMade.key }
  t.strictSame(parseStoredCertificates(changed).leaf?.dnsNames, [])
})

void t.test('a certificate that an authority has not signed is none of its own', async t => {
  const pair = await issueLeaf(forged, { names: [], validity })
  const changed = { ...texts, certificate: pair.cert, key: pair.key }
  t.equal(parseStoredCertificates(changed).leaf, null)
})

void t.test('what is issued can be read again, and lasts as long as it should', async t => {
  const options = { now, timing, dnsNames: names }
  const why = 'a test'
  const first = await issueTexts(
    { kind: 'issue', signer: 'new', leaf: null, keep: [], why },
    options,
  )
  const stored = parseStoredCertificates(first)
  const [made] = stored.authorities
  t.strictSame(made?.expiresAt, inDays(365))
  t.strictSame(stored.leaf?.expiresAt, inDays(90))
  const certificate = new X509Certificate(first.certificate)
  t.strictSame(new Date(certificate.validFrom), new Date(now.getTime() - timing.backdateMs))
  const late = await issueTexts(
    { kind: 'issue', signer: stored.signer!, leaf: null, keep: stored.authorities, why },
    { ...options, now: inDays(364) },
  )
  const last = parseStoredCertificates(late)
  t.strictSame(last.leaf?.expiresAt, inDays(365), 'it does not outlive its authority')
  t.equal(last.leaf?.signedBy, made?.fingerprint)
  const kept = await issueTexts(
    { kind: 'issue', signer: 'new', leaf: last.leaf, keep: last.authorities, why },
    options,
  )
  t.equal(kept.certificate, late.certificate)
  t.equal(parseAuthorities(kept.authorities).length, 2)
  t.equal(parseAuthorities(kept.authorities)[1]?.fingerprint, made?.fingerprint)
})
