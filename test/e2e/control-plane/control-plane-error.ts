import { CodedError } from '../../../src/review/ports/coded-error.js'

/** A control plane that could be built or started, but was not; the message says what went wrong. */
export class ControlPlaneError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_CONTROL_PLANE'
}

/** This machine has no control plane and no means to build one: `--if-available` skips. */
export class ControlPlaneMissing extends CodedError {
  readonly code = 'ATLAS_ADMISSION_CONTROL_PLANE_MISSING'
}
