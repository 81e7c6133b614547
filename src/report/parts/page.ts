import { styleText } from 'node:util'

/** What a text is written for. */
export interface Page {
  /** Columns. */
  readonly width: number
  /** The caller knows whether a person wants them, and what can show them. */
  readonly colors: boolean
}

type Style = Parameters<typeof styleText>[0]

/** The page has been asked already; Node would ask the environment once more. */
export function paint(style: Style, text: string, { colors }: Page): string {
  return colors ? styleText(style, text, { validateStream: false }) : text
}
