import { RequestError } from './request-error.js'

/** An answer 503 with Retry-After. kube-apiserver then tries again within the same call. */
export function overloaded(why: string): RequestError {
  return new RequestError('ATLAS_ADMISSION_OVERLOADED', `${why}; try again in a second`)
}
