import type { Lineage } from './lineage.js'
import { compareBytewise } from '../text/go-string.js'

/**
 * Whether two chains were two directories. A hash covers every earlier file, so a row that does not
 * cover an older file of another chain, which had run by then, is from another directory. A late
 * file before all others covers none either, so it proves nothing.
 */
export function standApart({ rows }: Lineage): boolean {
  let least: Member | null = null
  // The least name of all chains but that of `least`.
  let other: Member | null = null
  for (const { chain, file, state } of rows) {
    if (state !== 'chain' || chain === null || file === null) continue
    const rival = least?.chain === chain ? other : least
    if (rival !== null && compareBytewise(rival.file, file) < 0) return true
    const member = { chain, file }
    if (least === null || compareBytewise(file, least.file) < 0) {
      if (least !== null && least.chain !== chain) other = least
      least = member
    } else if (chain !== least.chain && (other === null || compareBytewise(file, other.file) < 0)) {
      other = member
    }
  }
  return false
}

interface Member {
  readonly chain: number
  readonly file: string
}
