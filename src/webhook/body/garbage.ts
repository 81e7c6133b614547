import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/**
 * Collects garbage whenever so many bytes of bodies were parsed. V8 does so by itself in threads of its own, and where
 * the machine is busy these are late: forty large bodies were seen to leave 200 MiB that nobody needs any more.
 */
export class BodyGarbage {
  readonly #everyBytes: number
  #bytes = 0

  constructor(everyBytes: number) {
    this.#everyBytes = everyBytes
  }

  /** To be called before a body is parsed. */
  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < this.#everyBytes) return
    this.#bytes = 0
    collect()
  }
}
