import type { JsonSize } from './json-size.js'

const KIB = 1024
const MIB = 1024 * KIB

/**
 * 7 MiB: kube-apiserver accepts no body over 3 MiB (apiserver, server/config.go
 * MaxRequestBodyBytes). A review holds at most two such objects, before and after, and 1 MiB is
 * room for everything around them.
 */
export const BODY_LIMIT = 2 * 3 * MIB + 1 * MIB

/**
 * Most JSON values of a body: those of a ConfigMap with 10,000 files. Each file is a key of `data`
 * and two values in `metadata.managedFields`, in the object before and after. The rest is room for
 * everything around them. A directory with a thousand files is a large one.
 */
export const MAX_VALUES = 2 * 3 * 10_000 + 40_000

/**
 * Deepest nesting of a body. kube-apiserver's own objects are not ten deep, and code that walks a
 * value may do so by recursion.
 */
export const MAX_DEPTH = 200

/**
 * Heap of one JSON value. Measured on Node 20: an object with one key takes 184 bytes, and no other
 * value as much.
 */
const BYTES_PER_VALUE = 200

/**
 * Copies of a body in memory: the bytes as they came, the text made of them, and its strings, with
 * two bytes a character where one is not Latin.
 */
const COPIES = 4

/** Most bytes of memory that a body takes while its review lasts. */
export function bodyCost(bytes: number, { values }: JsonSize): number {
  return bytes * COPIES + values * BYTES_PER_VALUE
}

/** Bytes that have come of bodies that are not parsed yet, all together: two of the largest, and some usual ones. */
export const MAX_ARRIVED_BYTES = 16 * MIB

/**
 * Memory of all reviews together: one is always taken, and a larger review than this lasts alone. V8 lets garbage grow
 * with what is in use: with twice as much here the process was seen to take 20 MiB more.
 */
export const MAX_REVIEWED_BYTES = 24 * MIB

/** Of that, what one address may take at most with more than one review. */
export const MAX_REVIEWED_BYTES_OF_ADDRESS = 18 * MIB

/** Some six of the largest bodies that are usual; of usual reviews, thousands. Each byte leaves two or three behind. */
export const GARBAGE_BYTES = 16 * MIB
