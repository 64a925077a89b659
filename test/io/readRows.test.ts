/** The one reader of CSV and JSON Lines: values as text, and the line of the file in every message. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DataError } from '../../src/errors.js';
import { csvCells } from '../../src/io/csv.js';
import { jsonLines, readRows } from '../../src/io/readRows.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function refuses(work: () => unknown, pattern: RegExp): void {
  assert.throws(work, (error) => error instanceof DataError && pattern.test(error.message));
}

describe('rows', () => {
  it('of CSV come by column with the lines that they start on, whatever stands in between', () => {
    const content = '\uFEFFpath, label\n\n"a\nb",x\n\n c.jpg ,"say ""x"""\n"d\n\n",\n';
    assert.deepEqual(readRows(file('a.csv', content)), {
      columns: ['path', 'label'],
      rows: [
        { line: 3, values: { path: 'a\nb', label: 'x' } },
        { line: 6, values: { path: 'c.jpg', label: 'say "x"' } },
        { line: 7, values: { path: 'd\n\n', label: '' } },
      ],
    });
  });

  it('of CSV may end in carriage return and line feed', () => {
    const { rows } = readRows(file('r.csv', 'path,label\r\n\r\n"a\r\nb",x\r\nc,y\r\n'));
    assert.deepEqual(
      rows.map(({ line, values }) => [line, values.path]),
      [
        [3, 'a\r\nb'],
        [5, 'c'],
      ],
    );
  });

  it('of JSON Lines come as text, without what is null, with the columns of all', () => {
    const content = '{"id":7,"label":null}\n\n{"id":"b","x":0.5}';
    assert.deepEqual(readRows(file('a.jsonl', content)), {
      columns: ['id', 'label', 'x'],
      rows: [
        { line: 1, values: { id: '7' } },
        { line: 3, values: { id: 'b', x: '0.5' } },
      ],
    });
  });

  it('are refused by file and line', () => {
    refuses(() => readRows(join(folder, 'no.csv')), /There is no file .*no\.csv/);
    refuses(() => readRows(folder), /Could not read /);
    refuses(() => readRows(file('e.csv', ' \n')), /e\.csv is empty/);
    refuses(() => readRows(file('e.jsonl', '\n')), /e\.jsonl is empty/);
    refuses(() => readRows(file('h.csv', 'a,b\n')), /has a header but no rows/);
    refuses(() => readRows(file('t.csv', 'a,a\n1,2\n')), /line 1: the column "a" is there twice/);
    refuses(() => readRows(file('w.csv', 'a,b\n1\n')), /w\.csv is not well-formed CSV: .*line 2/);
    refuses(() => readRows(file('q.csv', 'a\n"1\n')), /q\.csv is not well-formed CSV/);
    refuses(
      () => readRows(file('j.jsonl', '{}\n{"a":[1]}')),
      /line 2: "a" must be text, a number, true or false, not a list/,
    );
    refuses(() => readRows(file('b.jsonl', '{}\n{"a":{}}')), /line 2: "a" must be .*, not an object/);
  });

  it('of JSON Lines may hold true and false, which are what they are called', () => {
    const { rows } = readRows(file('flag.jsonl', '{"a":true}\n{"a":false}\n'));
    assert.deepEqual(
      rows.map(({ values }) => values.a),
      ['true', 'false'],
    );
  });

  it('leave out what has no name, and say so where it holds something', () => {
    const read = (name: string, content: string) => {
      const { columns, notes } = readRows(file(name, content));
      return [columns, notes?.map((note) => note.slice(note.indexOf(': ') + 2))];
    };
    assert.deepEqual(read('index.csv', ',a\n0,x\n'), [['a'], ['column 1 has no name and is left out.']]);
    assert.deepEqual(read('more.csv', 'a,,\nx,1,2\n'), [
      ['a'],
      ['columns 2, 3 have no name and are left out.'],
    ]);
    assert.deepEqual(read('blank.csv', 'a,,\nx,,\n'), [['a'], undefined]);
    assert.deepEqual(read('empty.jsonl', '{"a":1}\n{"":2,"a":1}\n'), [
      ['a'],
      ['a value without a name ("", first on line 2) is left out.'],
    ]);
    refuses(() => readRows(file('none.csv', ',\n1,2\n')), /line 1: no column has a name/);
  });

  it('of CSV may be separated by semicolons, tabs and bars, which is said', () => {
    const read = (name: string, content: string | Buffer) => {
      const { columns, rows, notes, separator } = readRows(file(name, content));
      return [separator ?? ',', columns, rows.map(({ values }) => Object.values(values)), notes?.length ?? 0];
    };
    const wanted = (sign: string) => [
      sign,
      ['a', 'b c'],
      [
        ['1,5', 'x, y'],
        ['2', ''],
      ],
      1,
    ];
    assert.deepEqual(read('semi.csv', 'a;b c\r\n1,5;"x, y"\r\n2;\r\n'), wanted(';'));
    assert.deepEqual(read('tabs.csv', 'a\tb c\n1,5\tx, y \n2\t\n'), wanted('\t'));
    assert.deepEqual(read('bars.csv', '\ufeffa|b c\n1,5|x, y\n2|\n'), wanted('|'));
    const utf16 = Buffer.from('\ufeffa\tb c\r\n1,5\tx, y\r\n2\t\r\n', 'utf16le');
    assert.deepEqual(read('excel.csv', utf16), wanted('\t'));
    // A sign within a cell is not what separates cells.
    assert.deepEqual(read('comma.csv', 'a,"b;c;d"\n1,2\n')[0], ',');
    assert.deepEqual(read('tie.csv', 'a,b;c\n1,2;3\n')[1], ['a', 'b;c']);
    assert.equal(readRows(file('plain.csv', 'a,b\n1,2\n')).notes, undefined);
  });

  it('of JSON hold lists only where that is allowed', () => {
    const path = file(
      'tags.jsonl',
      '{"id":"a","tags":["red","new"],"n":[]}\n{"id":"b","tags":"blue","n":[1,null,true]}',
    );
    refuses(() => readRows(path), /line 1: "tags" must be text, .* not a list/);
    const { rows, notes } = readRows(path, { mayBeList: (name) => name !== 'id' });
    assert.deepEqual(
      rows.map(({ values }) => values),
      [
        { id: 'a', tags: 'red, new' },
        { id: 'b', tags: 'blue', n: '1, true' },
      ],
    );
    assert.match(notes![0], /lists in "tags", "n" are kept as text/);
    const deep = file('deep.jsonl', '{"tags":[{"a":1}]}');
    refuses(() => readRows(deep, { mayBeList: () => true }), /"tags" must be text/);
  });

  it('are refused with what to do, in words of their own and not those of a parser', () => {
    for (const [name, content, message] of [
      ['semi.csv', 'a;b\n1;2\n3\n', /line 3 has 1 cell where the first has 2.*semicolons/],
      ['few.csv', 'a,b\r\n"x\r\ny",1\r\n2\r\n', /line 4 has 1 cell where the first has 2/],
      ['many.csv', 'a,b\n1,2,3\n', /line 2 has 3 cells where the first has 2/],
      ['open.csv', 'a,b\n1,2\n"3,4\n5,6\n', /line 3: a double quote is opened and not closed/],
      ['nul.csv', 'a\nx\n\0y\n', /line 3: a NUL character/],
      ['nan.jsonl', '{"a":1}\n{"a":NaN}', /line 2 is not valid JSON: it holds NaN, .*write null/],
      ['python.jsonl', "{'a': 1}", /line 1 is not valid JSON: names and texts stand in double quotes/],
      ['torn.jsonl', '{"a":1}\n{"a":"b', /line 2 is not valid JSON: it ends in the middle of a value/],
      ['comma.jsonl', '{"a":1},\n', /line 1 is not valid JSON: at character 8 stands ",", which/],
      ['deep.jsonl', '['.repeat(100_000), /line 1 is not valid JSON: /],
      ['array.jsonl', '[{"a":1},{"a":2}]', /line 1: expected an object .*jq -c/],
      ['pretty.jsonl', '[\n {"a":1}\n]', /line 1 is not valid JSON: .*jq -c/],
    ] as const)
      assert.throws(
        () => readRows(file(name, content)),
        (error) =>
          error instanceof DataError &&
          message.test(error.message) &&
          !/Unexpected|Invalid Record|position \d/.test(error.message),
        name,
      );
  });
});

describe('JSON lines and CSV cells', () => {
  it('keep their types and numbers of lines', () => {
    assert.deepEqual(jsonLines('x', '{"a":[1]}\n\n{"b":true}\n'), [
      { line: 1, value: { a: [1] } },
      { line: 3, value: { b: true } },
    ]);
    refuses(() => jsonLines('x', '{}\n3\n'), /^x, line 2: expected an object .* found 3$/);
    refuses(() => jsonLines('x', '{}\n{\n'), /^x, line 2 is not valid JSON: /);
  });

  it('are kept exactly on request', () => {
    const cells = (exact: boolean) => csvCells('x', 'a\n\n b \n', { exact }).map((row) => row.cells[0]);
    assert.deepEqual(
      [cells(true), cells(false)],
      [
        ['a', '', ' b '],
        ['a', 'b'],
      ],
    );
  });
});
