import type { LookupAddress } from 'node:dns'
import { test } from 'tap'
import { FairLookups, lookupPlaces } from '../../../src/database/address/fair-lookups.js'

type Done = (error: Error | null, addresses: LookupAddress[]) => void

/** A resolver that answers when the test says so, and tells what it was asked. */
function startResolver(places: number) {
  const asked = new Map<string, Done>()
  const lookups = new FairLookups((host, _question, done) => void asked.set(host, done), places)
  const answered: string[] = []
  return {
    ask: (namespace: string, host: string, isWanted?: () => boolean) =>
      lookups.of(namespace)(host, isWanted ? { isWanted } : {}, () => void answered.push(host)),
    answer: (host: string) => asked.get(host)!(null, []),
    asked: () => [...asked.keys()],
    answered,
  }
}

void test('A namespace looks another name up only while it holds fewer places than are free', async t => {
  const resolver = startResolver(4)
  for (const host of ['a1', 'a2', 'a3', 'a4']) resolver.ask('a', host)
  t.same(resolver.asked(), ['a1', 'a2'], 'half of them, for one that is alone')
  resolver.ask('b', 'b1')
  resolver.ask('b', 'b2')
  t.same(resolver.asked(), ['a1', 'a2', 'b1'])
  resolver.answer('b1')
  t.same(resolver.answered, ['b1'])
  t.same(resolver.asked(), ['a1', 'a2', 'b1', 'b2'], 'who waited longer lets others pass')
  resolver.answer('a1')
  resolver.answer('a2')
  t.same(resolver.asked(), ['a1', 'a2', 'b1', 'b2', 'a3', 'a4'])
})

void test('What nobody wants any more is never asked', async t => {
  const resolver = startResolver(2)
  let isWanted = true
  resolver.ask('a', 'a1')
  resolver.ask('a', 'a2', () => isWanted)
  resolver.ask('a', 'a3')
  isWanted = false
  resolver.answer('a1')
  t.same(resolver.asked(), ['a1', 'a3'])
})

void test('Half of the threads that libuv starts look names up, at least one', async t => {
  t.equal(lookupPlaces(undefined), 2)
  t.equal(lookupPlaces(''), 2)
  t.equal(lookupPlaces('1'), 1)
  t.equal(lookupPlaces('32'), 16)
  t.equal(lookupPlaces('many'), 2)
  t.equal(lookupPlaces('-8'), 1)
})
