/**
 * The kinds of work that are killed: what each needs, and what must be true of what it leaves, killed or not. How they are
 * killed is for others.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openTable, tableExists } from '../../src/engines/open.js';
import { readFragment } from '../../src/fleet/fragment.js';
import { writeNpy } from '../../src/io/npy.js';
import { packFolder } from '../../src/io/pack.js';
import { randomStream } from '../../src/random.js';
import { readCheckpoint } from '../../src/runs/checkpoint.js';
import { runPaths } from '../../src/runs/paths.js';
import { manyItems } from '../manyItems.js';

/** A kind of work. */
export interface Kind {
  /** Makes the inputs in a folder. */
  prepare(folder: string): Promise<void>;
  /** Throws unless what a killed process left is whole as far as it goes, or absent. */
  checkKilled(target: string): Promise<void>;
  /** What the work makes when it comes to its end, as a text that is the same for the same bits. */
  outcome(target: string): Promise<string>;
}

/** Sizes of the inputs. */
export interface Sizes {
  /** Rows of the table: above 100,000 there is an index and a graph. */
  readonly rows: number;
  readonly dim: number;
}

/** Rows that indexing writes at a time. */
const BATCH = 20_000;

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const noise = (count: number, purpose: string) => {
  const random = randomStream(1, purpose);
  return Float32Array.from({ length: count }, () => random.normal());
};
const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** The kinds by name. */
export function kindsOf({ rows, dim }: Sizes): Readonly<Record<string, Kind>> {
  return {
    train: training(),
    index: indexing(rows, dim),
    shard: sharding(),
    unpack: unpacking(),
    download: fetching(),
  };
}

function training(): Kind {
  const [rows, dim] = [600, 24];
  return {
    async prepare(folder) {
      writeNpy(join(folder, 'train.npy'), { shape: [rows, dim], data: noise(rows * dim, 'rows') });
    },
    async checkKilled(target) {
      const { last, best } = runPaths(target);
      for (const path of [last, best]) if (existsSync(path)) readCheckpoint(path); // its checksum is looked at
    },
    outcome: async (target) => sha256(readFileSync(join(target, 'model.onnx'))),
  };
}

function indexing(rows: number, dim: number): Kind {
  const probes: { readonly id: string; readonly vector: Float32Array }[] = [];
  const rowsOf = async (target: string, isWhole: boolean): Promise<string> => {
    const store = await openTable(target);
    try {
      const found = new Map<string, string>();
      for await (const batch of store.scan({ vectors: true }))
        for (const { id, vector } of batch) {
          if (found.has(id)) throw new Error(`${id} is there twice`);
          found.set(id, sha256(Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)));
        }
      if (found.size % BATCH !== 0 && found.size !== rows)
        throw new Error(`${found.size} rows: no whole batches`);
      for (const { id, vector } of probes) {
        if (!found.has(id)) continue;
        const [nearest] = await store.search(vector, { k: 1 });
        if (nearest?.id !== id || nearest.distance !== 0) throw new Error(`${id} is not found`);
      }
      if (!isWhole) return '';
      const { kind, rows: indexed, hnsw } = await store.index();
      if (found.size !== rows) throw new Error(`${found.size} rows at the end, not ${rows}`);
      if (rows > 100_000 && (kind === null || indexed !== rows || hnsw?.unused !== null))
        throw new Error(`at the end the index is ${JSON.stringify({ kind, indexed, hnsw })}`);
      return sha256([...found].sort(([a], [b]) => (a < b ? -1 : 1)).join('\n'));
    } finally {
      await store.close();
    }
  };
  return {
    async prepare(folder) {
      const data = new Float32Array(rows * dim);
      let filled = 0;
      for (const items of manyItems(rows, dim)) {
        probes.push({ id: String(filled / dim), vector: items[0].vector });
        for (const { vector } of items) {
          data.set(vector, filled);
          filled += dim;
        }
      }
      writeNpy(join(folder, 'index.npy'), { shape: [rows, dim], data });
    },
    async checkKilled(target) {
      if (await tableExists(target)) await rowsOf(target, false);
    },
    outcome: (target) => rowsOf(target, true),
  };
}

function sharding(): Kind {
  const fragments = (target: string) =>
    existsSync(target)
      ? filesBelow(target).filter((path) => path.endsWith('.safetensors') && !/\/\./.test(path))
      : [];
  return {
    prepare: async () => undefined,
    async checkKilled(target) {
      for (const path of fragments(target)) readFragment(path); // whole, by its checksum
    },
    outcome: async (target) =>
      fragments(target)
        .map((path) => sha256(readFileSync(path)))
        .join('\n'),
  };
}

function unpacking(): Kind {
  const folders = (target: string) => {
    const parent = join(target, 'unpacked');
    return existsSync(parent)
      ? readdirSync(parent, { withFileTypes: true }).filter(
          (one) => one.isDirectory() && !one.name.startsWith('.'),
        )
      : [];
  };
  const outcome = async (target: string) =>
    folders(target)
      .flatMap(({ parentPath, name }) => filesBelow(join(parentPath, name)))
      .map((path) => `${path.slice(target.length)} ${sha256(readFileSync(path))}`)
      .join('\n');
  let whole = '';
  return {
    async prepare(folder) {
      const photos = join(folder, 'photos');
      for (let i = 0; i < 400; i++) {
        mkdirSync(join(photos, `class ${i % 10}`), { recursive: true });
        const bytes = noise(10_000, `photo ${i}`);
        writeFileSync(join(photos, `class ${i % 10}`, `${i}.bin`), Buffer.from(bytes.buffer));
        whole += `${sha256(Buffer.from(bytes.buffer))}\n`;
      }
      await packFolder(photos, join(folder, 'archive.zip'));
    },
    async checkKilled(target) {
      const found = (await outcome(target)).split('\n').filter((line) => line !== '');
      const sums = new Set(whole.split('\n'));
      if (found.length !== 0 && (found.length !== 400 || found.some((line) => !sums.has(line.slice(-64)))))
        throw new Error(`${found.length} files stand where 400 or none should`);
    },
    outcome,
  };
}

function fetching(): Kind {
  const path = (target: string) => join(target, 'file.bin');
  return {
    prepare: async () => undefined,
    async checkKilled(target) {
      if (existsSync(path(target)) && sha256(readFileSync(path(target))) !== sha256(CONTENT))
        throw new Error(
          `the file has ${statSync(path(target)).size} of ${CONTENT.length} bytes, or wrong ones`,
        );
    },
    outcome: async (target) => sha256(readFileSync(path(target))),
  };
}

const CONTENT = Buffer.from(noise(2_000_000, 'download').buffer);

/** A server that sends the file to be downloaded slowly, from where it is asked to; its address. Close it. */
export async function serveFile(): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer((request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, {
      etag: '"the same"',
      'accept-ranges': 'bytes',
      'content-length': CONTENT.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` } : {}),
    });
    let at = from;
    const timer = setInterval(() => {
      response.write(CONTENT.subarray(at, (at += 100_000)));
      if (at < CONTENT.length) return;
      clearInterval(timer);
      response.end();
    }, 5);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.bin` };
}
