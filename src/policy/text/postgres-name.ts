/** NAMEDATALEN - 1 of every usual build of PostgreSQL. */
const longestName = 63

/**
 * A name as PostgreSQL takes it: it cuts longer ones, with a notice that nobody sees, and never
 * within a character. Two names that are equal then are one schema.
 */
export function cutName(name: string): string {
  const bytes = Buffer.from(name)
  if (bytes.length <= longestName) return name
  let end = longestName
  while (((bytes[end] as number) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}
