/**
 * Characters that steer a terminal, hide or reorder text, or end a line for some readers; all but
 * tab and line feed.
 */
const steering = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * The same characters, without the colors that this program sets itself (ECMA-48, Select Graphic
 * Rendition).
 */
const steeringButColors = /(?![\t\n]|\x1b\[\d{1,2}(?:;\d{1,2})*m)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * The first of the two signs with which a command starts anywhere in a line: `##[` and `##vso[`.
 */
const hashCommand = /#(?=#(?:vso)?\[)/gi

/**
 * `::` at the start of a line, also behind blanks, where GitHub's runner takes it for a command
 * (actions/runner, ActionCommand.cs).
 */
const lineCommand = /^([^\S\n]*):(?=:)/gm

/**
 * Makes a text safe to print whatever it holds. A file name or a line of YAML in a stranger's pull
 * request must neither move the cursor of a terminal, nor be a command to the runner of GitHub
 * Actions or Azure Pipelines, which read commands (`::add-mask::`, `##vso[...]`) out of everything
 * that a step prints.
 */
export function harmlessText(text: string, { colors }: { readonly colors: boolean }): string {
  return text
    .replace(colors ? steeringButColors : steering, '?')
    .replace(hashCommand, '# ')
    .replace(lineCommand, '$1: ')
}

/**
 * The same safety for JSON, without changing what it says: such characters can stand only in
 * strings, where they are escaped.
 */
export function harmlessJson(json: string): string {
  return json.replace(hashCommand, unicodeEscapes).replace(steering, unicodeEscapes)
}

function unicodeEscapes(text: string): string {
  const unit = (index: number) => text.charCodeAt(index).toString(16).padStart(4, '0')
  return Array.from({ length: text.length }, (_, index) => `\\u${unit(index)}`).join('')
}

/**
 * The same safety for the text and attributes of XML, without changing what it says. Not for CDATA.
 */
export function harmlessXml(xml: string): string {
  return xml.replace(hashCommand, '&#35;').replace(lineCommand, '$1&#58;')
}
