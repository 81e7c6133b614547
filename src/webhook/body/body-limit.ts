import type { JsonSize } from './json-size.js'

const KIB = 1024
const MIB = 1024 * KIB

/**
 * 7 MiB: kube-apiserver takes no body over 3 MiB (apiserver, server/config.go MaxRequestBodyBytes), a review
 * holds at most two such objects, before and after, and 1 MiB is room for everything around them.
 */
export const BODY_LIMIT = 2 * 3 * MIB + 1 * MIB

/**
 * A ConfigMap of 10,000 files: each is a key of `data` and two values in `metadata.managedFields`, in the object as it
 * was and as it would be. The rest is room for everything around them. A directory of a thousand files is a large one.
 */
export const MAX_VALUES = 2 * 3 * 10_000 + 40_000

/** kube-apiserver's own objects are not ten deep; whatever walks a value may do so by recursion. */
export const MAX_DEPTH = 200

/** Measured on Node 20: an object with one key of its own takes 184 bytes of heap, and no other value as much. */
const BYTES_PER_VALUE = 200

/** The bytes as they came, the text made of them, and its strings; two bytes a character where one is no Latin. */
const COPIES = 4

/** Bytes of memory that a body takes, at most, while its review lasts. */
export function bodyCost(bytes: number, { values }: JsonSize): number {
  return bytes * COPIES + values * BYTES_PER_VALUE
}

/** Bytes that have come of bodies that are not parsed yet, all together: two of the largest, some usual ones. */
export const MAX_ARRIVED_BYTES = 16 * MIB

/** Memory of all reviews together: that of the costliest body. */
export const MAX_REVIEWED_BYTES = 48 * MIB

/** Of that, what one address may take at most with more than one review. */
export const MAX_REVIEWED_BYTES_OF_ADDRESS = 36 * MIB
