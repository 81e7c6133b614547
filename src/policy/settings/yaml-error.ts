import type { ErrorCode } from 'yaml'

/**
 * What is wrong with a YAML text, by the parser's code. The parser's own messages quote the text,
 * which may be a Secret; these never do.
 */
const sentences: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_ALIAS:
    'an alias that stands for nothing or for itself; put a text that starts with * in quotes',
  BAD_DQ_ESCAPE:
    'an unknown escape in a double-quoted text; double the backslash or use single quotes',
  BAD_INDENT: 'wrong indentation',
  BAD_SCALAR_START: 'a text that starts with @, ` or % must be in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a ": " inside a text; put the text in quotes',
  DUPLICATE_KEY: 'the same key twice in one map; remove one of them',
  MISSING_CHAR: 'a quote, bracket or comma is missing',
  MULTILINE_IMPLICIT_KEY: 'a key that runs over several lines; is a colon or a quote missing?',
  MULTIPLE_DOCS: 'a second document (---) where one is expected',
  RESOURCE_EXHAUSTION: 'nested too deeply, or aliases that stand for too much text',
  TAB_AS_INDENT: 'a tab as indentation; use spaces',
  TAG_RESOLVE_FAILED: 'a tag or value that cannot be read',
  UNEXPECTED_TOKEN: 'something that does not belong here',
}

/** Part of a sentence, without any of the text. */
export function yamlErrorText(code: ErrorCode): string {
  return sentences[code] ?? `not valid YAML (${code})`
}
