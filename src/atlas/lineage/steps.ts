/**
 * Work that may take long, cut into steps. Whoever runs it may let others go first at each `yield`,
 * without a promise in code that is pure.
 */
export type Steps<Result> = Generator<undefined, Result, undefined>

/** Runs all steps at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/**
 * Work that several need the result of. Each may take the next step, and all get the one result, so
 * it is done once also when they begin before it is finished.
 */
export class SharedSteps<Result> {
  readonly #steps: Steps<Result>
  #end: { readonly value: Result } | { readonly error: unknown } | null = null

  constructor(steps: Steps<Result>) {
    this.#steps = steps
  }

  /** Goes on with the work until it is finished. Throws for each what the work has thrown. */
  *run(): Steps<Result> {
    while (this.#end === null) if (!this.#step()) yield
    if ('error' in this.#end) throw this.#end.error
    return this.#end.value
  }

  /** Tells whether that was the last step. */
  #step(): boolean {
    try {
      const step = this.#steps.next()
      if (step.done) this.#end = { value: step.value }
      return step.done === true
    } catch (error) {
      this.#end = { error }
      return true
    }
  }
}
