/** Names that are there twice: found wherever an object lies, and refused by name in every file that decides something. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { preparationBeside } from '../src/backbones/preparation/index.js';
import { DataError, UsageError } from '../src/errors.js';
import { fromJson } from '../src/hierarchy/index.js';
import { readRows } from '../src/io/readRows.js';
import { readSafetensors } from '../src/io/safetensors/safetensors.js';
import { repeatedName, repeatedNameOf } from '../src/json.js';
import { loadRecipe } from '../src/recipe/load.js';
import { parseJson, queryOf } from '../src/server/json.js';
import { treeFile } from '../src/tables/tree.js';
import { temporaryFolder } from './images/support.js';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true }));

/** A file of a text or of bytes. */
function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe('a name that an object has twice', () => {
  it('is found at any depth, however it is written, and nowhere else', () => {
    for (const [text, name] of [
      ['{"a":1,"a":2}', 'a'],
      ['{"a" : {"b":[{"c":1, "d":{}, "c"\n:2}]}}', 'c'],
      ['{"a":1,"\\u0061":2}', 'a'],
      ['{"":1,"":2}', ''],
      ['{"x\\"y":1,"x\\"y":2}', 'x"y'],
      ['{"__proto__":1,"__proto__":2}', '__proto__'],
      ['{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}', undefined],
      ['{"a":"\\"a\\":1,","b":"a","c":["a","a"]}', undefined],
      ['["a","a",{}]', undefined],
      ['7', undefined],
    ] as const) {
      assert.equal(repeatedName(text), name, text);
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        assert.equal(repeatedNameOf(text, value), name, text);
    }
    assert.equal(repeatedNameOf('{"url":"https://a:1","url":"b"}', { url: 'b' }), 'url');
  });

  it('is refused by name in what a person hands over', () => {
    const header =
      '{"v":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"v":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}';
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const tree = '{"nodes":[{"id":"a","parent":null,"parent":"a"}]}';
    const network = written('net/model.onnx', '');
    written('net/preprocessor_config.json', '{"image_mean":[0,0,0],"image_mean":[1,1,1]}');
    const cases: [name: string, read: () => unknown][] = [
      [
        'label',
        () => readRows(written('rows.jsonl', '{"id":"1","label":"a"}\n{"id":"2","label":"a","label":"b"}\n')),
      ],
      ['label', () => readRows(written('rows.csv', 'id,label,label\n1,a,b\n'))],
      ['parent', () => treeFile(written('tree.json', tree))],
      ['format', () => fromJson('{"format":"hier-tree","format":"hier-tree"}')],
      ['v', () => readSafetensors(written('v.safetensors', Buffer.concat([length, Buffer.from(header)])))],
      ['image_mean', () => preparationBeside(network)],
      ['seed', () => loadRecipe(written('r.yaml', 'data: {source: x}\nseed: 1\nseed: 2\n'))],
      ['size', () => loadRecipe(written('s.yaml', 'batch: {size: 1, size: 2}\n'))],
      ['k', () => parseJson('application/json', Buffer.from('{"id":"a","k":1,"k":2}'))],
      ['k', () => queryOf(new URL('http://x/api/search/image?k=1&k=2'))],
    ];
    for (const [name, read] of cases)
      assert.throws(
        read,
        (error: Error) => {
          const isForUsers = error instanceof DataError || error instanceof UsageError || 'status' in error;
          return isForUsers && error.message.includes(name) && /there twice/.test(error.message);
        },
        String(read),
      );
    assert.throws(() => readRows(join(folder, 'rows.jsonl')), /rows\.jsonl, line 2: /);
  });
});
