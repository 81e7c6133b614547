import t from 'tap'
import {
  columnCount,
  isDataRow,
  isNotice,
  isTexts,
  type MessageBody,
} from '../../../src/database/wire/message-shape.js'
import { dataRow, errorResponse, rowDescription } from '../../attacks/harness/fake-messages.js'

/** The body of a whole message; more bytes follow it, as the next message would. */
function bodyOf(message: Buffer, cut = 0): MessageBody {
  const next = Buffer.from('Z\0\0\0\x05I\0\0\0\0')
  return { bytes: Buffer.concat([message, next]), start: 5, end: message.length - cut }
}

const raw = (...bytes: readonly number[]): MessageBody =>
  bodyOf(Buffer.from([0, 0, 0, 0, 0, ...bytes]))

void t.test('a row has a value for each column, and nothing else', async t => {
  const row = dataRow('a', null, '')
  t.ok(isDataRow(bodyOf(row), 3))
  t.notOk(isDataRow(bodyOf(row), 2), 'fewer columns')
  t.notOk(isDataRow(bodyOf(row, 1), 3), 'the last value is cut')
  t.notOk(isDataRow(bodyOf(dataRow('a', 'bcd'), 1), 2), 'a value ends in the next message')
  t.notOk(isDataRow(raw(0), 0), 'no count')
  t.notOk(isDataRow(raw(0, 1, 0xff, 0xff, 0xff, 0xfe), 1), 'a length below that of NULL')
  t.notOk(isDataRow(raw(0, 0, 0), 0), 'something behind it')
})

void t.test('columns are counted where all of them are told', async t => {
  t.equal(columnCount(bodyOf(rowDescription('a', 'b'))), 2)
  t.equal(columnCount(bodyOf(rowDescription())), 0)
  t.equal(columnCount(bodyOf(rowDescription('a', 'b'), 1)), null, 'the last one is cut')
  t.equal(columnCount(raw(0)), null, 'no count')
  t.equal(columnCount(raw(0xff, 0xff)), null, 'a negative count')
  t.equal(columnCount(raw(0, 65)), null, 'more than any query asks for')
  t.equal(columnCount(raw(0, 1, 0x61)), null, 'a name that does not end')
})

void t.test('texts are counted with their zeros', async t => {
  t.ok(isTexts(raw(0x61, 0, 0), 2))
  t.notOk(isTexts(raw(0x61, 0, 0), 1), 'one more')
  t.notOk(isTexts(raw(0x61, 0), 2), 'one too few')
  t.notOk(isTexts(raw(0x61), 1), 'one that does not end')
})

void t.test('an error is fields that end, with a code that has the form of one', async t => {
  t.ok(isNotice(bodyOf(errorResponse('42P01', 'no such table'))))
  t.ok(isNotice(raw(0)), 'an empty one')
  t.notOk(isNotice(bodyOf(errorResponse('constructor', 'no'))))
  t.notOk(isNotice(bodyOf(errorResponse('42P01', 'no'), 1)), 'the end is missing')
  t.notOk(isNotice(raw(0x4d, 0x61)), 'a field that does not end')
  t.notOk(isNotice(raw(0, 0)), 'something behind it')
})
