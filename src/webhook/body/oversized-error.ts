import { CodedError } from '../../review/ports/coded-error.js'
import { MAX_DEPTH, MAX_VALUES } from './body-limit.js'

/** A review whose objects were not read. */
export class OversizedError extends CodedError {
  override readonly code = 'ATLAS_ADMISSION_OVERSIZED'

  constructor() {
    super(
      `the objects hold more than ${MAX_VALUES} values, or more than ${MAX_DEPTH} in one another, so they were not judged; ` +
        'a directory of 10,000 files is well below that',
    )
  }
}
