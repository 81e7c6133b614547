import { test } from 'tap'
import { parseDatabaseUrl, urlParameter } from '../../../src/policy/url/database-url.js'
import { parseGoUrl } from '../../../src/policy/url/go-url.js'

/** What url.Parse of Go 1.26.8 said: scheme, user, password, Hostname(), Port(), Path, Query(). */
type GoCase = [title: string, text: string, expected: readonly unknown[]]

const goCases: readonly GoCase[] = [
  ['a plain URL', 'postgres://u:p@h:5/d?a=b', ['postgres', 'u', 'p', 'h', '5', '/d', [['a', 'b']]]],
  ['a scheme in upper case', 'POSTGRES://h/x', ['postgres', '', '', 'h', '', '/x', []]],
  ['no path', 'postgres://h', ['postgres', '', '', 'h', '', '', []]],
  ['an empty port', 'postgres://h:/x', ['postgres', '', '', 'h', '', '/x', []]],
  [
    'an IPv6 address with a port',
    'postgres://[::1]:5/x',
    ['postgres', '', '', '::1', '5', '/x', []],
  ],
  [
    'an IPv6 address with a zone',
    'postgres://[::1%25en0]/x',
    ['postgres', '', '', '::1%en0', '', '/x', []],
  ],
  [
    'a list of hosts with ports',
    'postgres://a:1,b:2/x',
    ['postgres', '', '', 'a:1,b', '2', '/x', []],
  ],
  ['a host outside ASCII', 'postgres://a%C3%A9/x', ['postgres', '', '', 'aé', '', '/x', []]],
  ['a lone percent sign in a host', 'postgres://%25/x', ['postgres', '', '', '%', '', '/x', []]],
  ['an @ in a password', 'postgres://u:p@ss@h/d', ['postgres', 'u', 'p@ss', 'h', '', '/d', []]],
  ['a colon in a password', 'postgres://u:a:b@h/d', ['postgres', 'u', 'a:b', 'h', '', '/d', []]],
  [
    'an escaped password',
    'postgres://u:%23%2f%3F%C3%A9+@h/d',
    ['postgres', 'u', '#/?é+', 'h', '', '/d', []],
  ],
  ['a fragment', 'postgres://u@h/d#top', ['postgres', 'u', '', 'h', '', '/d', []]],
  [
    'malformed parameters',
    'postgres://h/d?a=%zz&%zz=1&b=1;c=2&&d=x+y&e',
    [
      'postgres',
      '',
      '',
      'h',
      '',
      '/d',
      [
        ['d', 'x y'],
        ['e', ''],
      ],
    ],
  ],
  [
    'an @ in a parameter',
    'postgres://h/d?user=a@b',
    ['postgres', '', '', 'h', '', '/d', [['user', 'a@b']]],
  ],
  ['an @ in a path', 'postgres://h:5/a@b', ['postgres', '', '', 'h', '5', '/a@b', []]],
]

void test('A URL is read as Go reads it', t => {
  for (const [title, text, expected] of goCases) {
    const url = parseGoUrl(text)
    if ('problem' in url) throw new Error(`${title}: ${url.problem}`)
    const { scheme, user, password, host, port, path, parameters } = url
    t.same([scheme, user, password, host, port, path, parameters], expected, title)
  }
  t.end()
})

/** Go refuses these too, except where a comment says so. */
type ProblemCase = [title: string, text: string, problem: RegExp]

const problemCases: readonly ProblemCase[] = [
  ['an escaped NUL', 'postgres://u%00database%00:secret@h/d', /escaped NUL/],
  ['nothing', '', /^the URL is empty$/],
  ['a line break at the end', 'postgres://u:secret@h/d\n', /ends in a line break/],
  ['a tab', 'postgres://u:sec\tret@h/d', /control character/],
  ['a space in front', ' postgres://u:secret@h/d', /starts with a space or a quotation mark/],
  ['quotation marks', '"postgres://u:secret@h/d"', /starts with a space or a quotation mark/],
  ['no scheme', 'secret:5432/db', /does not start with a scheme/],
  ['a JDBC URL', 'jdbc:postgresql://secret:5432/db', /does not start with a scheme/],
  ['key and value pairs', 'host=h password=secret', /does not start with a scheme/],
  // Go takes it, lib/pq does not.
  ['one slash', 'postgres:/secret', /does not start with a scheme/],
  ['an unescaped #', 'postgres://u:se#cret@h/d', /unescaped '#' \(write %23\)$/],
  // Go takes these with a wrong host: the first half of the password is its port.
  ['an unescaped # behind digits', 'postgres://u:12#secret@h/d', /unescaped '#'/],
  ['an unescaped / behind digits', 'postgres://u:12/secret@h/d', /unescaped '\/'/],
  ['an unescaped ? behind digits', 'postgres://u:12?secret@h/d', /unescaped '\?'/],
  ['an unescaped /', 'postgres://u:se/cret@h', /unescaped '\/' \(write %2F\)$/],
  ['an unescaped ?', 'postgres://u:se?a=cret@h/d', /unescaped '\?' \(write %3F\)$/],
  ['an unescaped %', 'postgres://u:se%cret@h/d', /unescaped '%' \(write %25\)$/],
  ['an unescaped % in a user', 'postgres://u%:secret@h/d', /unescaped '%' \(write %25\)$/],
  ['an unescaped space', 'postgres://u:se cret@h/d', /unescaped space \(write %20\)$/],
  ['an unescaped caret', 'postgres://u:se^cret@h/d', /unescaped '\^'/],
  ['a character outside ASCII', 'postgres://u:sécret@h/d', /unescaped character outside ASCII/],
  ['a percent sign in the path', 'postgres://u:secret@h/%zz', /two hexadecimal digits/],
  ['a percent sign in the fragment', 'postgres://u:secret@h/d#%zz', /two hexadecimal digits/],
  ['a port in letters', 'postgres://u:secret@h:x/d', /port of the URL is not a number$/],
  ['a port of a parameter in letters', 'postgres://u:secret@h/d?port=x', /from 1 to 65535/],
  ['a port that is too large', 'postgres://u:secret@h:99999/d', /from 1 to 65535/],
  ['a space in the host', 'postgres://u:secret@h x/d', /no host name can have/],
  ['an escaped letter in the host', 'postgres://u:secret@%41/d', /no host name can have/],
  ['an open bracket', 'postgres://u:secret@[::1/d', /no host name can have/],
  ['an unknown scheme', 'mongodb://u:secret@h/d', /Atlas knows no database/],
  [
    'an unknown sslmode',
    'postgres://u:secret@h/d?sslmode=secret',
    /sslmode of the URL is none of disable/,
  ],
]

void test('What Go or the driver refuses is named without any part of the URL', t => {
  for (const [title, text, problem] of problemCases) {
    const parsed = parseDatabaseUrl(text)
    t.match(parsed, { kind: 'invalid', problem }, title)
    t.notMatch(
      parsed.kind === 'invalid' ? parsed.problem : 'secret',
      /secret|cret/,
      `${title}: no secret`,
    )
  }
  t.end()
})

type PartsCase = [title: string, text: string, expected: Readonly<Record<string, unknown>>]

const partsCases: readonly PartsCase[] = [
  [
    'defaults of lib/pq',
    'postgresql://',
    {
      dialect: 'postgres',
      host: 'localhost',
      port: 5432,
      user: '',
      database: '',
      boundSchema: null,
    },
  ],
  [
    'the user as database',
    'postgres://u:p@h',
    { user: 'u', password: 'p', host: 'h', database: 'u' },
  ],
  ['an escaped database', 'postgres://h/a%2Fb', { database: 'a/b' }],
  ['the raw search_path', 'postgres://h/d?search_path=app,public', { boundSchema: 'app,public' }],
  [
    'the first of two search_paths',
    'postgres://h/d?search_path=a&search_path=b',
    { boundSchema: 'a' },
  ],
  ['an empty search_path', 'postgres://h/d?search_path=', { boundSchema: null }],
  [
    'the folder of a socket',
    'postgres:///d?host=/run/pg&port=6432',
    { host: '/run/pg', port: 6432 },
  ],
  [
    'user, password and database as parameters',
    'postgres://h/?user=u&password=p&dbname=d',
    { user: 'u', password: 'p', database: 'd' },
  ],
  ['a larger host of a parameter wins', 'postgres://a/d?host=b', { host: 'b' }],
  ['a smaller host of a parameter loses', 'postgres://b/d?host=a', { host: 'b' }],
  ['a list of hosts', 'postgres://a,b:6432/d', { host: 'a,b', port: 6432 }],
  ['a list of ports', 'postgres:///d?host=a,b&port=1,2', { host: 'a,b', port: 1 }],
  [
    'MySQL binds to its database',
    'mysql://u:p@h/d',
    { dialect: 'mysql', port: 3306, database: 'd', boundSchema: 'd' },
  ],
  [
    'MySQL without a database',
    'mysql://u:p@h:3307/',
    { dialect: 'mysql', port: 3307, boundSchema: null },
  ],
  ['MariaDB', 'maria://h/d', { dialect: 'mariadb', port: 3306, boundSchema: 'd' }],
  [
    'MySQL on a socket',
    'mysql+unix:///run/my.sock?database=d',
    { dialect: 'mysql', host: '', database: 'd', boundSchema: 'd' },
  ],
  [
    'MySQL on a socket without a database',
    'mariadb+unix:///run/my.sock',
    { dialect: 'mariadb', database: '', boundSchema: null },
  ],
  [
    'SQLite',
    'sqlite://folder/file.db?_fk=1',
    { dialect: 'sqlite', host: '', database: 'folder/file.db', boundSchema: 'main' },
  ],
  [
    'a known dialect of another kind',
    'sqlserver://u:p@h?database=d',
    { dialect: 'other', scheme: 'sqlserver', port: 0, boundSchema: null },
  ],
  [
    'a dialect with a transport',
    'clickhouse+https://h:8443/d',
    { dialect: 'other', port: 8443, database: 'd' },
  ],
]

void test('A database URL is taken apart as Atlas and lib/pq do', t => {
  for (const [title, text, expected] of partsCases) {
    t.match(parseDatabaseUrl(text), { kind: 'parsed', ...expected }, title)
  }
  t.end()
})

void test('The first value of a parameter counts', t => {
  const parts = parseDatabaseUrl('postgres://h/d?sslmode=disable&sslmode=require')
  if (parts.kind === 'invalid') throw new Error(parts.problem)
  t.equal(urlParameter(parts, 'sslmode'), 'disable')
  t.equal(urlParameter(parts, 'options'), null)
  t.end()
})
