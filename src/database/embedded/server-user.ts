import { readFile } from 'node:fs/promises'

/** The user that the server runs as. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** The user of this process; null on Windows. */
export function currentUser(): ServerUser | null {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  /* c8 ignore next - Windows has no user ids */
  return uid === undefined || gid === undefined ? null : { uid, gid }
}

/**
 * The user of this process, unless that is root, which PostgreSQL refuses. Then it is `nobody`,
 * with the ids of the user list (65534 where there is none, as in minimal images).
 */
export async function readServerUser(
  current: ServerUser | null,
  userList = '/etc/passwd',
): Promise<ServerUser | null> {
  if (current?.uid !== 0) return current
  const text = await readFile(userList, 'utf8').catch(() => '')
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(text) ?? ['', '65534', '65534']
  return { uid: Number(uid), gid: Number(gid) }
}
