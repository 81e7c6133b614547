/**
 * kube-apiserver writes the fields of a request in the order of its type: first who asks for what,
 * then the objects. So this marks where the objects begin.
 */
const object = Buffer.from(',"object":')
const maxHeadBytes = 64 * 1024

/**
 * What stands in front of the objects of a review, parsed as a review without them; null when that
 * cannot be parsed.
 */
export function readHead(bytes: Buffer): unknown {
  const end = bytes.subarray(0, maxHeadBytes).indexOf(object)
  if (end === -1) return null
  try {
    return JSON.parse(`${bytes.toString('utf8', 0, end)},"object":{}}}`)
  } catch {
    return null
  }
}
