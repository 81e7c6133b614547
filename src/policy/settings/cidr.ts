/** Whether the text is a block of addresses, such as `10.0.0.0/8` or `fd00::/8`. */
export function isCidr(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/')
  if (length === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return false
  if (isIpv4(address)) return Number(length) <= 32
  return ipv6Groups(address) !== null && Number(length) <= 128
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && +part <= 255)
}

/**
 * The eight groups of an IPv6 address; null for anything else. The text has at most one run of
 * zeros as `::`, and the last two groups may be an IPv4 address (RFC 4291, section 2.2).
 */
export function ipv6Groups(text: string): readonly number[] | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')))
  const last = (tail.length > 0 ? tail : head).at(-1) ?? ''
  if (last.includes('.')) {
    if (!isIpv4(last)) return null
    ;(tail.length > 0 ? tail : head).splice(-1, 1, ...ipv4Groups(last))
  }
  const given = [...head, ...tail]
  const zeros = 8 - given.length
  const isComplete = halves.length === 2 ? zeros > 0 : zeros === 0
  if (!isComplete || !given.every(group => /^[\da-f]{1,4}$/i.test(group))) return null
  return [...head, ...Array<string>(zeros).fill('0'), ...tail].map(group => parseInt(group, 16))
}

function ipv4Groups(address: string): readonly string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  return [a * 256 + b, c * 256 + d].map(group => group.toString(16))
}
