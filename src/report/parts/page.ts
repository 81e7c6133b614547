import { styleText } from 'node:util'

/** The page that a text is written for. */
export interface Page {
  /** Columns. */
  readonly width: number
  /**
   * Whether colors are used. The caller knows whether a person wants them, and whether they can be
   * shown.
   */
  readonly colors: boolean
}

type Style = Parameters<typeof styleText>[0]

/**
 * Colors a text if the page has colors. The caller has decided that already, so Node must not look
 * at the environment once more.
 */
export function paint(style: Style, text: string, { colors }: Page): string {
  return colors ? styleText(style, text, { validateStream: false }) : text
}
