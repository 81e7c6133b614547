/** kube-apiserver writes the fields of a request in the order of its type: who asks for what, and then the objects. */
const object = Buffer.from(',"object":')
const maxHeadBytes = 64 * 1024

/** What stands before the objects of a review, as a review of its own; null where that is none. */
export function readHead(bytes: Buffer): unknown {
  const end = bytes.subarray(0, maxHeadBytes).indexOf(object)
  if (end === -1) return null
  try {
    return JSON.parse(`${bytes.toString('utf8', 0, end)},"object":{}}}`)
  } catch {
    return null
  }
}
