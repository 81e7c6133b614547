/**
 * Tells whether messages of a server are formed as protocol 3 says (protocol-message-formats). `pg`
 * believes every length and count in a message, so a wrong one makes it read into the next message,
 * throw, or loop for ever.
 */

/** The body of one message: everything behind its type and length. */
export interface MessageBody {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** Most columns of an answer. No query asks for more than eleven. */
const maxColumns = 64

/** Bytes behind a column's name: table, number, type, size, modifier and format. */
const columnTail = 18

function int16(bytes: Buffer, at: number): number {
  return ((bytes[at]! << 24) >> 16) | bytes[at + 1]!
}

export function int32(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

/**
 * Position behind the text that begins at `at` and its zero; -1 when it does not end in the
 * message.
 */
function afterText({ bytes, end }: MessageBody, at: number): number {
  const zero = bytes.indexOf(0, at)
  return zero === -1 || zero >= end ? -1 : zero + 1
}

/** Whether the body is so many texts and nothing else. */
export function isTexts(body: MessageBody, count: number): boolean {
  let at = body.start
  for (let index = 0; index < count && at !== -1; index++) at = afterText(body, at)
  return at === body.end
}

/** Whether the body is a DataRow with a value for each column, all of which end in the message. */
export function isDataRow({ bytes, start, end }: MessageBody, columns: number): boolean {
  if (end - start < 2 || int16(bytes, start) !== columns) return false
  let at = start + 2
  for (let index = 0; index < columns; index++) {
    if (at + 4 > end) return false
    const length = int32(bytes, at)
    // -1 stands for NULL.
    if (length < -1) return false
    at += length > 0 ? 4 + length : 4
  }
  return at === end
}

/** Number of columns in a RowDescription; null when it is malformed. */
export function columnCount(body: MessageBody): number | null {
  const { bytes, start, end } = body
  const count = end - start < 2 ? -1 : int16(bytes, start)
  if (count < 0 || count > maxColumns) return null
  let at = start + 2
  for (let index = 0; index < count; index++) {
    const name = afterText(body, at)
    if (name === -1) return null
    at = name + columnTail
  }
  return at === end ? count : null
}

/** The form of an SQLSTATE, which goes into log and metrics. */
const sqlState = /^[0-9A-Z]{5}$/

/**
 * Whether the body is an ErrorResponse or NoticeResponse: fields that each begin with a letter, and
 * a zero at the end.
 */
export function isNotice(body: MessageBody): boolean {
  const { bytes, end } = body
  let at = body.start
  while (at < end && bytes[at] !== 0) {
    const next = afterText(body, at + 1)
    if (next === -1) return false
    const isCode = bytes[at] === 0x43
    if (isCode && !sqlState.test(bytes.toString('latin1', at + 1, next - 1))) return false
    at = next
  }
  return at === end - 1
}
