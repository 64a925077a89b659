/** Text that people write: lists, manifests, recipes, taxonomies, trees; and text that hier writes for itself. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readList } from '../../../src/datasets/lists.js';
import { openManifest } from '../../../src/datasets/manifest.js';
import { openVectors } from '../../../src/datasets/vectors.js';
import { fromJson } from '../../../src/hierarchy/document.js';
import { writeNpy } from '../../../src/io/npy.js';
import { readJsonl, readRows } from '../../../src/io/readRows.js';
import { openCsv } from '../../../src/io/writeRows.js';
import { readItemFile } from '../../../src/items/describe.js';
import { readItemPlaces } from '../../../src/items/itemPlaces.js';
import { parseModelInfo } from '../../../src/model/files.js';
import { loadRecipe } from '../../../src/recipe/load.js';
import { readRunStatus } from '../../../src/runs/folder.js';
import { readMetrics } from '../../../src/runs/metrics.js';
import { readTaxonomy } from '../../../src/runs/tree/taxonomyFile.js';
import { createManifest, parseManifest } from '../../../src/store/manifest.js';
import { mapBytes, parseMap } from '../../../src/store/map.js';
import { leafNodes, parseTree } from '../../../src/store/tree.js';
import { type Target, texts } from '../target.js';

const CSV =
  'path,label,split,id,taxonomy.kind\nx.csv,a,train,1,p\n./x.csv,"b ""q""",train,2,p\n../lists/x.csv,c,test,3,q\nx.csv,"d\nd",test,4,q\n';
const JSONL =
  '{"path":"x.jsonl","label":"a","is_query":"true"}\n{"path":"./x.jsonl","label":9007199254740993}\n\n{"path":"x.jsonl","id":"3","label":"b","x":0.5,"y":1e-1}\n';
const TREE =
  '{"format":"hier-tree","version":1,"construction":"proxies","leaves":["a","b"],"items":["i","j"],"nodes":[{"id":"0","parent":"2"},{"id":"1","parent":"2"},{"id":"2","parent":null}]}';

/** A tree as `hier tree --json` writes it. */
const HIERARCHY = JSON.stringify({
  ...{ format: 'hier-tree', version: 1, construction: 'ancestors', leaves: ['a', 'b'], items: ['i', 'j'] },
  nodes: [0, 1, 2].map((id) => ({
    ...{ id, parent: id < 2 ? 2 : null, children: id < 2 ? [] : [0, 1], members: id < 2 ? [id] : [0, 1] },
    ...{ depth: id < 2 ? 1 : 0, length: 0.5, norm: 1, proxy: null, label: 'n', exemplars: [] },
  })),
});

/** A manifest of a table. */
const TABLE = JSON.stringify(
  createManifest({
    space: { metric: 'cosine', curvature: 0, dim: 2, width: 8, mean: [], stretch: 1, bound: 1, scale: 1 },
    metadata: ['title'],
  }),
);
const MODEL = JSON.stringify({
  format: 'hier-model',
  version: 1,
  name: 'm',
  curvature: 0.1,
  embeddingSize: 2,
});

/** The formats. */
export const LIST_TARGETS: readonly Target[] = [
  {
    format: 'csv',
    file: 'x.csv',
    seeds: () => [...texts(CSV, '\ufeffa,b\r\n1,2\r\n'), Buffer.from(`\ufeff${CSV}`, 'utf16le')],
    read: (path) => readRows(path),
  },
  {
    format: 'csv-log',
    file: 'x.csv',
    seeds: () => texts('step,epoch\n1,0\n2,0\n'),
    read: (path) => openCsv(path).append({ step: 3, constructor: 'x' }),
  },
  {
    format: 'jsonl',
    file: 'x.jsonl',
    seeds: () => texts(JSONL),
    read: (path, bytes) => (bytes.length % 2 ? readRows(path) : readJsonl(path)),
  },
  {
    format: 'metrics',
    file: 'metrics.jsonl',
    seeds: () => texts('{"step":1,"epoch":0,"loss":0.5}\n{"step":2,"epoch":0,"loss":"NaN"}\n'),
    read: (path) => readMetrics(path),
  },
  { format: 'manifest-csv', file: 'x.csv', seeds: () => texts(CSV), read: (path) => openManifest(path) },
  {
    format: 'manifest-jsonl',
    file: 'x.jsonl',
    seeds: () => texts(JSONL),
    read: (path) => openManifest(path),
  },
  {
    format: 'labels',
    file: 'x.csv',
    seeds: () =>
      texts(
        'label,id,split\na,1,train\nb,2,train\nc,3,test\nd,4,test\n',
        'label,is_query\na,1\nb,0\na,0\nb,1\n',
      ),
    read: (path) => {
      const vectors = join(dirname(path), 'v.npy');
      writeNpy(vectors, { shape: [4, 2], data: Float32Array.from({ length: 8 }, (_, i) => i) });
      return openVectors(vectors, { labels: path });
    },
  },
  {
    format: 'list',
    file: 'x.txt',
    seeds: () => texts('1 001.Bird/a.jpg\n2 002.Bird/b.jpg\n', 'image_id class_id\r\n1 2\r\n'),
    read: (path) => readList(path, 2, 1),
  },
  {
    format: 'taxonomy',
    file: 'x.txt',
    seeds: () => texts('animal dog\nanimal cat\ncat lion\n', '# x\na b\n'),
    read: (path) => readTaxonomy(path),
  },
  {
    format: 'items',
    file: 'x.csv',
    seeds: () => texts('id,path,label,node,x,y,title\n1,a.jpg,a,0,0.1,0.2,t\n2,b.jpg,b,1,,,u\n', CSV),
    read: (path, bytes) => (bytes.length % 2 ? readItemFile(path) : readItemPlaces(path)),
  },
  {
    format: 'recipe',
    file: 'x.yaml',
    seeds: () => [
      ...texts(
        'extends: demo\nname: x\nseed: &a 1\nbatch: { size: 24, imagesPerClass: 2 }\nimages:\n  size: 32\n',
      ),
      ...['demo', 'vectors'].map((name) => readFileSync(`recipes/${name}.yaml`)),
    ],
    read: (path) => loadRecipe(path),
  },
  {
    format: 'override',
    file: 'x.txt',
    seeds: () =>
      texts('seed=1', 'batch={ size: 24, imagesPerClass: 2 }', 'optimizer.learningRate=1e-3', 'a=*x'),
    read: (_, bytes) => loadRecipe('demo', [bytes.toString('utf8')]),
  },
  {
    format: 'tree',
    file: 'x.json',
    seeds: () => texts(TREE, '{"nodes":[{"id":"a","parent":null}]}'),
    read: (_, bytes) => {
      const text = bytes.toString('utf8');
      return bytes.length % 2 ? parseTree(text) : leafNodes(text, 'x');
    },
  },
  {
    format: 'hierarchy',
    file: 'x.json',
    seeds: () => texts(HIERARCHY),
    read: (_, bytes) => fromJson(bytes.toString('utf8')),
  },
  {
    format: 'map',
    file: 'map',
    seeds: () => [
      mapBytes({
        key: 'k',
        ids: ['a', 'b'],
        places: new Float32Array(4),
        epochs: [{ epoch: 1, places: new Float32Array(4) }],
      }),
    ],
    read: (_, bytes) => parseMap(bytes),
  },
  {
    format: 'table',
    file: 'x.json',
    seeds: () => texts(TABLE),
    read: (_, bytes) => parseManifest(bytes.toString('utf8'), 't'),
  },
  {
    format: 'model-info',
    file: 'model.json',
    seeds: () => texts(MODEL),
    read: (path, bytes) => parseModelInfo(bytes.toString('utf8'), path, 'Export it again.'),
  },
  {
    format: 'run',
    file: 'status.json',
    seeds: () =>
      texts('{"format":"hier-run","version":1,"state":"running","pid":1,"host":"h","processStarted":null}'),
    read: (path) => readRunStatus(dirname(path)),
  },
];
