import { CST, Lexer } from 'yaml'

/**
 * Most brackets that may be open. Objects of Kubernetes stay below 50 levels. The parser calls
 * itself for every level, and a stack that overflows inside it can end the whole process (V8 runs
 * out of memory for a regular expression), so deep texts are refused before they are parsed.
 */
const maxBrackets = 100

/**
 * Most columns of indentation and list indicators. Every level of block style takes at least one.
 */
const maxIndent = 250

/**
 * Whether a text nests so deeply that it must not be parsed. Indented text inside a scalar does not
 * count.
 */
export function isTooDeep(text: string): boolean {
  let brackets = 0
  let indent = 0
  let atLineStart = true
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '\n' || lexeme === '\r\n') {
      indent = 0
      atLineStart = true
    } else if (lexeme === CST.DOCUMENT) continue
    else if (atLineStart && /^( +|[-?])$/.test(lexeme)) indent += lexeme.length
    else atLineStart = false
    if (lexeme === '[' || lexeme === '{') brackets++
    if (lexeme === ']' || lexeme === '}') brackets--
    if (brackets > maxBrackets || indent > maxIndent) return true
  }
  return false
}
