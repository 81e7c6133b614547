import { createHash } from 'node:crypto'
import t from 'tap'
import { skipSpaces, trimSpaces } from '../../../src/atlas/text/byte-text.js'
import {
  printScanError,
  scanStatements,
  statementHashes,
} from '../../../src/atlas/statement/statement.js'
import type { StatementDialect } from '../../../src/atlas/statement/dialect.js'

// Expected values are Atlas v1.2.3's own; many more are in test/fixtures/vectors*.

type Case = [content: string, statements: readonly string[], dialect?: StatementDialect]
const cases: readonly Case[] = [
  ['SELECT 1; ;\nSELECT 2', ['SELECT 1;', ';', 'SELECT 2']],
  ['-- bye', ['-- bye']],
  ['/* open; x', ['/* open;', 'x']],
  ["SELECT 'a;''b', \"c;\", `d;`;", ["SELECT 'a;''b', \"c;\", `d;`;"]],
  ["SELECT 'a\\';b';", ["SELECT 'a\\';b';"], 'mysql'],
  ['SELECT 1; # a;b\nSELECT 2;', ['SELECT 1;', 'SELECT 2;'], 'mysql'],
  ['DO $é$ a; $é$; SELECT 1;', ['DO $é$ a; $é$;', 'SELECT 1;']],
  ['DO $$ a; b', ['DO $$ a; b']],
  ['SELECT $1; x', ['SELECT $1;', 'x']],
  ['DO $$ a; $$;', ['DO $$ a;', '$$;'], 'sqlite'],
  ['\u0085\u3000a\u00a0;\ufeffb;', ['a\u00a0;', '\ufeffb;']],
  ['BEGIN; a; COMMIT;', ['BEGIN;', 'a;', 'COMMIT;']],
  ['CREATE TRIGGER t BEGIN a; b; END; c;', ['CREATE TRIGGER t BEGIN a; b; END;', 'c;']],
  ['BEGIN BEGIN a; END; END; c;', ['BEGIN BEGIN a; END; END;', 'c;']],
  ['BEGIN a; END IF; END; c;', ['BEGIN a; END IF; END;', 'c;']],
  ['BEGIN a; b;', ['BEGIN a;', 'b;']],
  ['x BEGIN ATOMIC a; ENDING; b;', ['x BEGIN ATOMIC a; ENDING;', 'b;']],
  ['x BEGIN ATOMIC a; ENDING; b;', ['x BEGIN ATOMIC a;', 'ENDING;', 'b;'], 'mysql'],
  ['DELIMITER //\na; b//\nDELIMITER ;\nc;', ['a; b', 'c;']],
  ["DELIMITER '//'\na//b", ['a', 'b']],
  ['delimiters;', ['delimiters;']],
  ['delimiter', ['delimiter']],
  ['-- atlas:delimiter \\n\\n\na;\n\nb;', ['a;', 'b;']],
  ['BEGIN -- atlas:delimiter\nx; END; y;', ['BEGIN -- atlas:delimiter\nx;', 'END;', 'y;']],
  ['BEGIN -- atlas:delimiter END\nENDx END; y;', ['BEGIN -- atlas:delimiter END\nENDx END;', 'y;']],
  ['BEGIN DELIMITER END\nEND; y; END; z', ['BEGIN DELIMITER END\nEND;', 'y;', 'END;', 'z']],
  ['-- atlas:delimiter x atlas:delimiter y\na;', ['a;']],
]

for (const [content, statements, dialect = 'postgres'] of cases) {
  void t.test(`splits ${JSON.stringify(content)} for ${dialect}`, async t => {
    t.strictSame(scanStatements(content, dialect), { statements })
  })
}

void t.test('finds no statement in blanks and comments', async t => {
  t.strictSame(scanStatements(' -- only a comment\n/* and another */ ', 'postgres'), {
    statements: [],
  })
})

type Failure = [content: string, message: string]
const failures: readonly Failure[] = [
  ['SELECT (1;', "1:8: unclosed '('"],
  ['a;\n\nSELECT é 1);', "3:12: unexpected ')'"],
  ["SELECT 'a", "1:8: unclosed quote '\\''"],
  ['SELECT "a', "1:8: unclosed quote '\"'"],
  ['SELECT `a', "1:8: unclosed quote '`'"],
  ["BEGIN a; 'x", "1:10: unclosed quote '\\''"],
  ['-- atlas:delimiter\na', 'empty delimiter'],
  ['-- atlas:delimiter //', '1:0: no input found after delimiter "//"'],
  ["DELIMITER ''\na", 'empty delimiter'],
]

for (const [content, message] of failures) {
  void t.test(`cannot split ${JSON.stringify(content)}`, async t => {
    const scan = scanStatements(content, 'postgres')
    t.equal('error' in scan && printScanError(scan.error), message)
    t.equal('error' in scan && scan.error.crash, false)
  })
}

void t.test('crashes where Atlas crashes, in a block, too', async t => {
  for (const content of ["DELIMITER '\na", "BEGIN DELIMITER '\na"]) {
    t.match(scanStatements(content, 'mysql'), { error: { crash: true, what: /slice bounds/ } })
  }
})

void t.test('leaves blocks that nobody could follow', async t => {
  const deep = 'BEGIN TRANSACTION;\nCOMMIT;\n'.repeat(1000)
  t.match(scanStatements(deep, 'postgres'), { error: { crash: true, what: /BEGIN without END/ } })
  const long = 'BEGIN '.repeat(190) + 'x '.repeat(200_000)
  t.match(scanStatements(long, 'postgres'), { error: { crash: true, what: /BEGIN without END/ } })
})

void t.test('reads unfinished blocks only once', async t => {
  // Atlas needs 2^100 steps for this.
  const scan = scanStatements('BEGIN TRANSACTION;\nCOMMIT;\n'.repeat(100), 'postgres')
  t.equal('statements' in scan && scan.statements.length, 200)
})

void t.test('hashes the statements up to each', async t => {
  const sha = (text: string) => createHash('sha256').update(text).digest('base64')
  t.strictSame(statementHashes(['é;', 'b;']), [sha('é;'), sha('é;b;')])
  t.strictSame(statementHashes([]), [])
})

void t.test('knows white space in bytes', async t => {
  t.equal(skipSpaces('\xc2\x85\xe2\x80\xaf \xc2', 0), 6)
  t.equal(trimSpaces('\xe3\x80\x80 '), '')
  t.equal(trimSpaces(' a\xe1\x9a\x80\xc2\xa0'), 'a')
})
