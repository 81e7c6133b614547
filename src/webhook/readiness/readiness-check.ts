/** Something that must hold before calls are sent here. */
export interface ReadinessCheck {
  readonly name: string
  /**
   * null when it holds; else a few words on what is missing, without a secret. Fast, and without
   * I/O.
   */
  readonly problem: () => string | null
}
