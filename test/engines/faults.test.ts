/**
 * What the file system, LanceDB, usearch and PostgreSQL refuse reaches nobody raw: in every reader and every writer of every
 * engine it becomes an error for users that names the table and says what to do.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, it, mock } from 'node:test';
import { admitWriter, createTable, dropTable, openTable } from '../../src/engines/open.js';
import { databaseFault } from '../../src/engines/postgres/sqlFault.js';
import { DataError, HierError, UsageError } from '../../src/errors.js';
import { bounded, libraryFaults } from '../../src/store/boundary.js';
import { fitSpace } from '../../src/store/space.js';
import type { Store } from '../../src/store/store.js';
import { askedWords } from '../../src/store/text/askedWords.js';
import { keepText } from '../../src/store/textFiles.js';
import { checkTable } from '../../src/tables/check.js';
import { buildSeconds } from '../../src/tables/index.js';
import { wantsOwnTree } from '../../src/tables/tree.js';
import { temporaryFolder } from '../images/support.js';
import { clustered, item, rowOf } from '../store/support.js';

const root = temporaryFolder();
const at = (name: string) => join(root, name);
const CODES = [
  ...['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EMFILE', 'ELOOP', 'ENAMETOOLONG', 'EISDIR', 'ENOTDIR'],
  ...['EIO', 'EBUSY', 'EDQUOT', 'ENFILE', 'ENOMEM', 'ESTALE'],
];
const refused = (code: string) =>
  Object.assign(new Error(`${code}: as the system says it, open '/a/b'`), {
    code,
    errno: -1,
    syscall: 'open',
  });

const dim = 8;
const vectors = clustered({ rows: 6, dim });
const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1 });
const items = Array.from({ length: 6 }, (_, i) => item(`i${i}`, rowOf(vectors, dim, i)));

/** Everything that is done with a table, by name. */
const WORK: Record<string, (store: Store) => unknown> = {
  count: (store) => store.count(),
  hashes: (store) => store.hashes(['i0']),
  get: (store) => store.get(['i0']),
  vector: (store) => store.vector('i0'),
  search: (store) => store.search(items[0].vector),
  warm: (store) => store.warm(),
  list: (store) => store.list({ limit: 5 }),
  async scan(store) {
    for await (const _ of store.scan({ vectors: true }));
  },
  async words(store) {
    for await (const _ of store.words(askedWords('i0 oat')));
  },
  index: (store) => store.index(),
  version: (store) => store.version(),
  file: (store) => store.file('tree'),
  write: (store) => store.write([items[0]]),
  remove: (store) => store.remove(['i1']),
  maintain: (store) => store.maintain(),
  setFile: (store) => store.setFile('tree', Buffer.from('{"nodes": []}')),
};

/** The same, and opening one. */
const USES: [name: string, work: ((store: Store) => unknown) | null][] = [
  ['open', null],
  ...Object.entries(WORK),
];

/** The error of a call that must end in an error for users, if it fails at all. */
async function told(work: () => unknown, where: string): Promise<HierError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    assert.ok(error instanceof HierError, `${where}: ${(error as Error).stack}`);
    assert.doesNotMatch(error.message, /as the system says it/, where);
    return error;
  }
}

describe('a table of plain files on a file system that refuses', () => {
  const CALLS = [
    'openSync',
    'readSync',
    'readFileSync',
    'statSync',
    'fstatSync',
    'writeSync',
    'fsyncSync',
  ] as const;
  const MORE = ['renameSync', 'mkdirSync', 'linkSync', 'writeFileSync', 'readdirSync', 'rmSync'] as const;

  it('says so with the table, whatever is refused and whatever is done', async () => {
    const made = await createTable(at('plain'), { space });
    await made.write(items);
    await keepText(made, 'tree', '{"nodes": []}');
    await made.close();
    let [failures, turn] = [0, 0];
    for (const call of [...CALLS, ...MORE])
      for (const [name, work] of USES)
        for (const code of [CODES[turn++ % CODES.length], CODES[turn++ % CODES.length]]) {
          const store = work && (await openTable(at('plain')));
          const original = fs[call] as (...given: unknown[]) => unknown;
          const stub = mock.method(fs, call as 'statSync', (...given: unknown[]) => {
            // What does not concern the table (the clock of processes, for one) goes on.
            const path = typeof given[0] === 'string' ? given[0] : root;
            if (!path.startsWith(root)) return original.apply(fs, given);
            throw refused(code);
          });
          const where = `${name}, ${call}, ${code}`;
          const use = () => (store ? work!(store) : openTable(at('plain')).then((one) => one.close()));
          const error = await told(use, where).finally(() => stub.mock.restore());
          await store?.close();
          fs.rmSync(join(at('plain'), 'commit.lock'), { force: true }); // where letting it go was refused
          if (!error) continue;
          failures++;
          assert.match(error.message, /plain/, `${where}: ${error.message}`);
          assert.ok(error.message.length > 40, error.message);
        }
    assert.ok(failures > 100, `${failures} failures`);
    assert.ok((await checkTable(at('plain'))).every(({ state }) => state !== 'damaged'));
  });

  it('has its records looked at, which stop nothing where they are damaged', async () => {
    const made = await createTable(at('records'), { space });
    await made.write(items);
    for (const name of ['build', 'tree-origin']) {
      await keepText(made, name, '{"seconds":1}');
      const recorded = async () => (await checkTable(at('records'))).find(({ what }) => what === 'records')!;
      assert.deepEqual((await recorded()).state, 'sound');
      for (const entry of fs.readdirSync(at('records'), { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile() && fs.readFileSync(path, 'utf8') === '{"seconds":1}')
          fs.writeFileSync(path, '{"seconds":7}');
      }
      if (name === 'build') assert.equal(await buildSeconds(made), null);
      else assert.equal(await wantsOwnTree(made, {}), true, 'the tree is made again');
      const { state, text } = await recorded();
      assert.equal(state, 'damaged', text);
      assert.match(text, new RegExp(`"${name}" .* is damaged\\. .*npx hier index`));
      await keepText(made, name, '{"seconds":2}');
    }
    await made.close();
  });

  it('is not there after a refusal to make it, nor is a writer admitted', async () => {
    for (const code of CODES)
      for (const call of ['writeSync', 'renameSync', 'fsyncSync', 'linkSync'] as const) {
        const stub = mock.method(fs, call, () => {
          throw refused(code);
        });
        const where = `${call}, ${code}`;
        const made = await told(() => createTable(at('never'), { space }), where);
        const writer = await told(() => admitWriter(at('never')).then((one) => one.release()), where);
        stub.mock.restore();
        assert.ok(made !== null || writer !== null || call === 'linkSync' || call === 'fsyncSync', where);
        if (made === null) await dropTable(at('never'));
        await assert.rejects(openTable(at('never')), UsageError);
      }
  });
});

describe('the boundary around an engine', () => {
  const NATIVE: [text: string, work: 'read' | 'write', kind: typeof HierError, message: RegExp][] = [
    [
      'lance error: LanceError(IO): Generic LocalFileSystem error: No space left on device (os error 28), /root/.cargo/x.rs:12:3',
      'write',
      HierError,
      /disk is full/,
    ],
    ['Permission denied (os error 13)', 'read', DataError, /no permission to read it/],
    ['Permission denied (os error 13)', 'write', HierError, /no permission to write/],
    ['Read-only file system (os error 30)', 'write', HierError, /read-only/],
    ['Too many open files (os error 24)', 'read', DataError, /too many files are open/],
    ['Input/output error (os error 5)', 'read', DataError, /disk reports an error/],
    ['No such file or directory (os error 2)', 'read', DataError, /no such file/],
    [
      'lance error: Not found: /a/b/data/x.lance, /root/.cargo/registry/src/object_store/local.rs:1',
      'read',
      DataError,
      /damaged, missing, or of another version/,
    ],
    ['called `Option::unwrap()` on a `None` value', 'read', DataError, /damaged/],
    ['Encountered corrupt file: file does not appear to be large enough', 'write', DataError, /damaged/],
    ['Something that nobody foresaw', 'write', HierError, /could not write/],
    ['error sending request for url: connection refused', 'read', HierError, /did not answer/],
  ];

  it('turns every answer of a library into an error for users, in every method', async () => {
    const methods = Object.keys(WORK).filter((name) => name !== 'scan' && name !== 'words');
    for (const [text, work, kind, message] of NATIVE) {
      const fails = () => Promise.reject(new Error(text));
      const failing = {
        ...Object.fromEntries(methods.map((name) => [name, fails])),
        async *scan() {
          yield await fails();
        },
        async *words() {
          yield await fails();
        },
        close: fails,
      } as unknown as Store;
      const store = bounded(failing, libraryFaults({ engine: 'LanceDB', table: 'tables/mine' }));
      for (const [name, use] of Object.entries(WORK)) {
        const isWrite = ['write', 'remove', 'maintain', 'setFile'].includes(name);
        if (isWrite !== (work === 'write')) continue;
        const error = await told(() => use(store), `${name}: ${text}`);
        assert.ok(error instanceof kind, `${name}: ${text}: ${error}`);
        assert.match(error.message, message);
        assert.match(error.message, /tables\/mine/);
        assert.doesNotMatch(error.message, /\.rs|cargo|os error|lance error/);
      }
    }
  });

  it('lets errors for users and defects of hier itself pass', async () => {
    const faults = libraryFaults({ engine: 'LanceDB', table: 't' });
    for (const error of [new UsageError('as it is'), new TypeError('a defect')])
      assert.equal(faults(error, 'read'), error);
  });
});

describe('a LanceDB table', () => {
  it('that is damaged, half gone or half made says so; what it writes can be read by others', async () => {
    const make = async (name: string) => {
      const store = await createTable(at(name), { space }, { engine: 'lance' });
      await store.write(items);
      await store.setFile('tree', Buffer.from('{}'));
      await store.close();
    };
    const umask = process.umask(0o022);
    try {
      await make('cut');
    } finally {
      process.umask(umask);
    }
    const files = fs
      .readdirSync(at('cut'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    if (process.platform !== 'win32')
      for (const path of files) assert.equal(fs.statSync(path).mode & 0o777, 0o644, path);
    const versions = files.filter((path) => /items\.lance.*\.manifest$/.test(path));
    for (const path of versions) fs.truncateSync(path, 100);
    await assert.rejects(openTable(at('cut')), (error: Error) => {
      assert.ok(error instanceof DataError);
      assert.match(error.message, /The table .*cut cannot be read by LanceDB.*again into a new table/);
      return true;
    });
    assert.deepEqual(
      (await checkTable(at('cut'))).map(({ what, state }) => [what, state]),
      [['table', 'damaged']],
    );
    for (const path of versions) fs.rmSync(path);
    await assert.rejects(openTable(at('cut')), DataError);
    // Made by a process that was killed in it: no table, and no hindrance to one.
    fs.mkdirSync(join(at('begun'), 'items.lance', '_versions'), { recursive: true });
    await assert.rejects(openTable(at('begun')), UsageError);
    await make('begun');
    await dropTable(at('begun'));
    await assert.rejects(openTable(at('begun')), UsageError);
  });
});

describe('a database that refuses', () => {
  it('has the reason of every answer in words', () => {
    const of = (code: string) => databaseFault('mine', Object.assign(new Error('raw text'), { code }));
    assert.match(of('53100').message, /The table mine .*disk is full/);
    assert.match(of('42501').message, /lacks a right/);
    assert.match(of('28P01').message, /user or the password/);
    assert.ok(of('XX001') instanceof DataError && of('22021') instanceof UsageError);
    assert.match(of('ECONNREFUSED').message, /check host and port/);
    assert.match(of('99999').message, /raw text/);
  });
});
