import dns from 'node:dns'
import { open } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

// Loaded into the attacked program. A name below silent.test takes one of its threads and does not give it back, as
// the system's resolver does for as long as it waits for a name server: opening a pipe that nobody writes to does the same.
const { lookup } = dns
const pipe = process.env['SILENT_PIPE'] ?? ''

function silentLookup(...args: Parameters<typeof lookup>): void {
  if (args[0].endsWith('.silent.test')) open(pipe, 'r', () => undefined)
  else Reflect.apply(lookup, dns, args)
}

dns.lookup = Object.assign(silentLookup, lookup)
syncBuiltinESMExports()
