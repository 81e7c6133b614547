/** Messages of a PostgreSQL server, protocol 3 (protocol-message-formats). */

export function message(type: string, body: Buffer = Buffer.alloc(0), length?: number): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(length ?? body.length + 4, 1)
  return Buffer.concat([head, body])
}

function int32(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => buffer.writeInt32BE(value, index * 4))
  return buffer
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2)
  buffer.writeInt16BE(value)
  return buffer
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`)
}

/** Code 0: the login is accepted; 3 asks for the password in clear text, 5 for its MD5, 10 to 12 are SASL. */
export function authentication(code: number, ...data: readonly Buffer[]): Buffer {
  return message('R', Buffer.concat([int32(code), ...data]))
}

export const loginAccepted = authentication(0)
export const clearTextRequest = authentication(3)
export const md5Request = authentication(5, Buffer.from('salt'))
export const saslRequest = authentication(10, text('SCRAM-SHA-256'), Buffer.from([0]))

export function parameterStatus(name: string, value: string): Buffer {
  return message('S', Buffer.concat([text(name), text(value)]))
}

export const backendKey = message('K', int32(4711, 42))
export const ready = message('Z', Buffer.from('I'))

export function errorResponse(sqlState: string, said: string): Buffer {
  return message('E', fields({ S: 'ERROR', C: sqlState, M: said }))
}

export function notice(said: string): Buffer {
  return message('N', fields({ S: 'NOTICE', C: '00000', M: said }))
}

function fields(values: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(values).map(([name, value]) => text(`${name}${value}`))
  return Buffer.concat([...parts, Buffer.from([0])])
}

/** Columns of type text. */
export function rowDescription(...names: readonly string[]): Buffer {
  const columns = names.map(name =>
    Buffer.concat([text(name), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]),
  )
  return message('T', Buffer.concat([int16(names.length), ...columns]))
}

export function dataRow(...values: readonly (string | null)[]): Buffer {
  const columns = values.map(value =>
    value === null
      ? int32(-1)
      : Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]),
  )
  return message('D', Buffer.concat([int16(values.length), ...columns]))
}

export function complete(tag: string): Buffer {
  return message('C', text(tag))
}

/** All that comes between an accepted login and the first query. */
export const welcome = Buffer.concat([
  loginAccepted,
  parameterStatus('server_version', '16.4'),
  backendKey,
  ready,
])

/** The answer to the reader's one message when the revisions table holds this row. */
export function tableAnswer(row: readonly (string | null)[]): Buffer {
  return answerOf(JSON.stringify(usualCatalog()), [row])
}

/** The same with any text for the catalog (null: NULL), and any rows. */
export function answerOf(
  catalog: string | null,
  rows: readonly (readonly (string | null)[])[],
): Buffer {
  return Buffer.concat([
    complete('BEGIN'),
    rowDescription('set_config'),
    dataRow('pg_catalog'),
    complete('SELECT 1'),
    rowDescription('json_build_object'),
    dataRow(catalog),
    complete('SELECT 1'),
    rowDescription(...(rows[0]?.map((_, index) => `c${index}`) ?? revisionColumns)),
    ...rows.map(row => dataRow(...row)),
    complete(`SELECT ${rows.length}`),
    complete('COMMIT'),
    ready,
  ])
}

/** What the reader asks of the catalog, when the table is as Atlas makes it. */
export function usualCatalog(): Readonly<Record<string, unknown>> {
  return {
    system: '7',
    database: '5',
    cockroach: null,
    locked: false,
    columns: revisionColumns,
  }
}

/** In the order in which the reader asks for them. */
export const revisionColumns = [
  'version',
  'description',
  'type',
  'applied',
  'total',
  'executed_at',
  'error',
  'error_stmt',
  'hash',
  'partial_hashes',
  'operator_version',
] as const

export const usualRow: readonly (string | null)[] = [
  '20240101000000',
  'first',
  '2',
  '1',
  '1',
  '2024-01-01 00:00:00+00',
  '',
  '',
  'h',
  'null',
  'Atlas CLI v1.2.3',
]
