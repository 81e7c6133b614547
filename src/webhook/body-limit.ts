const MIB = 1024 * 1024

/**
 * 7 MiB: kube-apiserver takes no body over 3 MiB (apiserver, server/config.go MaxRequestBodyBytes), a review
 * holds at most two such objects, before and after, and 1 MiB is room for everything around them.
 */
export const BODY_LIMIT = 2 * 3 * MIB + 1 * MIB
