/**
 * kube-apiserver cuts warnings to 256 characters once they have more than 4,096 together
 * (apiserver, endpoints/filters/warning.go).
 */
const MAX_WARNING_CHARACTERS = 256

/**
 * kubectl prints a denial, conditions store it, and the API server logs it whole. People read 2 KiB
 * at most.
 */
const MAX_MESSAGE_BYTES = 2048

/**
 * Warnings in the form that the API server keeps. It silently drops one with a control character or
 * invalid UTF-8 (apimachinery, util/net NewWarningHeader), so runs of such characters and spaces
 * become one space.
 */
export function cleanWarnings(warnings: readonly string[]): string[] {
  return warnings.map(cleanWarning).filter(warning => warning !== '')
}

function cleanWarning(warning: string): string {
  const line = warning.replace(/[ \p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  const characters = Array.from(line)
  return characters.length <= MAX_WARNING_CHARACTERS
    ? line
    : `${characters.slice(0, MAX_WARNING_CHARACTERS - 1).join('')}…`
}

/** Cuts a denial's message to 2 KiB of UTF-8, between two characters. */
export function limitMessage(message: string): string {
  if (Buffer.byteLength(message) <= MAX_MESSAGE_BYTES) return message
  const mark = '…'
  let end = MAX_MESSAGE_BYTES - Buffer.byteLength(mark)
  const bytes = Buffer.from(message)
  // 10xxxxxx continues a character, so step back to where one begins.
  while (((bytes[end] as number) & 0xc0) === 0x80) end--
  return `${bytes.subarray(0, end).toString()}${mark}`
}
