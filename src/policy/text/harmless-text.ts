/** Steers a terminal, hides or reorders what is there, or ends a line for some readers; all but tab and line feed. */
const steering = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** The same without the colors that we set ourselves (ECMA-48, Select Graphic Rendition). */
const steeringButColors = /(?![\t\n]|\x1b\[\d{1,2}(?:;\d{1,2})*m)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** The first of the two signs with which a command starts anywhere in a line: `##[` and `##vso[`. */
const hashCommand = /#(?=#(?:vso)?\[)/gi

/** GitHub's runner takes `::` for a command behind blanks too (actions/runner, ActionCommand.cs). */
const lineCommand = /^([^\S\n]*):(?=:)/gm

/**
 * Text that is fit to be printed whatever stands in it: a file name or a line of YAML of a stranger's pull request
 * neither moves the cursor of a terminal, nor is it a command to the runner of GitHub Actions or Azure Pipelines, which
 * read commands (`::add-mask::`, `##vso[...]`) out of everything that a step prints.
 */
export function harmlessText(text: string, { colors }: { readonly colors: boolean }): string {
  return text
    .replace(colors ? steeringButColors : steering, '?')
    .replace(hashCommand, '# ')
    .replace(lineCommand, '$1: ')
}

/** JSON that is as harmless, and says the same: all of this can stand in strings only, where it is escaped. */
export function harmlessJson(json: string): string {
  return json.replace(hashCommand, unicodeEscapes).replace(steering, unicodeEscapes)
}

function unicodeEscapes(text: string): string {
  const unit = (index: number) => text.charCodeAt(index).toString(16).padStart(4, '0')
  return Array.from({ length: text.length }, (_, index) => `\\u${unit(index)}`).join('')
}

/** XML that is as harmless, and says the same; for text and attributes, not for CDATA. */
export function harmlessXml(xml: string): string {
  return xml.replace(hashCommand, '&#35;').replace(lineCommand, '$1&#58;')
}
