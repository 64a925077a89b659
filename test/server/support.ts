/** A small run, a table made of it with a tree, and requests to a server. */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import sharp from 'sharp';
import { openTable } from '../../src/engines/open.js';
import { csvText } from '../../src/io/writeRows.js';
import { exportModel } from '../../src/model/files.js';
import { networkArrays } from '../../src/model/network.js';
import { initialize } from '../../src/nn/index.js';
import { loadRecipe, recipeToYaml } from '../../src/recipe/load.js';
import { runPaths } from '../../src/runs/paths.js';
import { indexTable } from '../../src/tables/index.js';
import { drawClasses, TINY } from '../cli/support.js';

/** Writes a run folder with an untrained network of 16 px, unless told otherwise: enough to embed with. */
export function writeRun(folder: string, seed = 1, overrides: readonly string[] = []): string {
  mkdirSync(folder, { recursive: true });
  const recipe = loadRecipe('smoke', [...TINY, ...overrides]);
  const values = networkArrays(recipe).map(({ name, shape, initial }) => [
    name,
    initialize(initial, shape, seed, name),
  ]);
  exportModel(folder, recipe, Object.fromEntries(values), { epoch: 0, seed, data: '' });
  writeFileSync(runPaths(folder).recipe, recipeToYaml(recipe));
  return folder;
}

/**
 * Draws `classes` × `each` images, and makes a table of them, whose items hang from a tree by their class and have a
 * column `shade`.
 */
export async function makeTable(root: string, { classes = 6, each = 4 } = {}) {
  const run = writeRun(join(root, 'run'));
  const images = await drawClasses(join(root, 'shapes'), classes, each);
  const tree = join(root, 'tree.json');
  const nodes = join(root, 'nodes.csv');
  const leaves = Array.from({ length: classes }, (_, kind) => ({
    id: `n${kind}`,
    parent: kind < 3 ? 'left' : 'right',
  }));
  const inner = [{ id: 'left', parent: 'top' }, { id: 'right', parent: 'top' }, { id: 'top' }];
  writeFileSync(tree, JSON.stringify({ nodes: [...leaves, ...inner] }));
  const listed = Array.from({ length: classes * each }, (_, i) => Math.floor(i / each)).map((kind, i) => {
    const folder = readdirSync(images).find((name) => Number(name.slice(0, 2)) === kind);
    return {
      path: `${folder}/${i % each}.png`,
      label: folder!,
      'taxonomy.shade': kind < 3 ? 'dark' : 'light',
    };
  });
  const list = join(images, 'list.csv');
  writeFileSync(list, csvText(listed));
  const table = join(root, 'table');
  const options = { source: run, images: list, out: table, tree, thumbnail: 24 };
  await indexTable(options);
  const store = await openTable(table);
  const items = await store.list({ limit: 1000 });
  await store.close();
  writeFileSync(nodes, `id,node\n${items.map(({ id }) => `${id},n${Number(id.slice(0, 2))}\n`).join('')}`);
  await indexTable({ ...options, nodes });
  return { run, images, table, items };
}

/** What a server answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
  json<T>(): T;
}

/** Asks a server; headers, Host too, are sent as they are given. */
export function asks(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const bytes = Buffer.concat(parts);
        const text = bytes.toString();
        const { statusCode: status = 0, headers: given } = response;
        resolve({ status, headers: given, bytes, text, json: <T>() => JSON.parse(text) as T });
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Posts JSON. */
export function posts(url: string, value: unknown): Promise<Answered> {
  const headers = { 'content-type': 'application/json' };
  return asks(url, { method: 'POST', headers, body: JSON.stringify(value) });
}

/** A black PNG: few bytes that are dear to decode. */
export function blackPng(width: number, height: number): Promise<Buffer> {
  const create = { width, height, channels: 3 as const, background: '#000' };
  return sharp({ create, limitInputPixels: false }).png().toBuffer();
}
