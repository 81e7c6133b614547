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

const undecided = { error: { crash: false, undecided: true, what: /too many BEGIN/ } }

void t.test('says nothing of blocks that it does not follow', async t => {
  const many = 'BEGIN TRANSACTION;\nCOMMIT;\n'.repeat(1000)
  t.match(scanStatements(many, 'postgres'), undecided)
  const long = 'BEGIN '.repeat(190) + 'x '.repeat(200_000)
  t.match(scanStatements(long, 'postgres'), undecided)
  // Atlas reads these as one statement.
  const deep = `${'BEGIN '.repeat(250)}x; ${'END; '.repeat(250)}`
  t.match(scanStatements(deep, 'mysql'), undecided)
})

function repeated(count: number, text: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => text(at)).join('')
}

const trigger = (at: number) =>
  `CREATE TRIGGER t${at} AFTER INSERT ON a FOR EACH ROW\nBEGIN\n  INSERT INTO b VALUES (${at});\n  UPDATE c SET d = d + 1;\nEND;\n`
const atomic = (at: number) =>
  `CREATE FUNCTION f${at}(a int) RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n  INSERT INTO b VALUES (a);\n  SELECT a + ${at};\nEND;\n`
const procedure = (at: number) =>
  `DELIMITER //\nCREATE PROCEDURE p${at}()\nBEGIN\n  BEGIN SET @x = 1; END;\nEND//\nDELIMITER ;\n`

type Large = [
  title: string,
  dialect: 'postgres' | 'mysql' | 'sqlite',
  content: string,
  count: number,
]

/** Counted by Atlas v1.2.3 itself, with the same texts. */
const large: readonly Large[] = [
  ['triggers', 'sqlite', repeated(5500, trigger), 5500],
  ['functions with blocks', 'postgres', repeated(5500, atomic), 5500],
  ['procedures with a delimiter', 'mysql', repeated(5000, procedure), 5000],
  [
    'one procedure of many blocks',
    'mysql',
    `CREATE PROCEDURE p()\nBEGIN\n${repeated(20_000, at => `BEGIN INSERT INTO t VALUES (${at}); END;\n`)}END;\n`,
    1,
  ],
  [
    'sixty blocks in each other',
    'mysql',
    `CREATE PROCEDURE p()\n${'BEGIN\n'.repeat(60)}${repeated(20_000, at => `INSERT INTO t VALUES (${at}); `)}${'END;\n'.repeat(60)}`,
    1,
  ],
]

for (const [title, dialect, content, count] of large) {
  void t.test(`counts the statements of the largest files people write: ${title}`, async t => {
    const scan = scanStatements(content, dialect)
    t.equal('statements' in scan && scan.statements.length, count)
  })
}

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
