import type { ReadinessCheck } from './readiness-check.js'

/** Whether the server is about to stop. */
export class DrainState {
  #draining = false

  /** Holds until draining begins. */
  readonly check: ReadinessCheck = {
    name: 'draining',
    problem: () => (this.#draining ? 'the server is about to stop' : null),
  }

  get draining(): boolean {
    return this.#draining
  }

  begin(): void {
    this.#draining = true
  }
}
