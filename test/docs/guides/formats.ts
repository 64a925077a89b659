/** The fields of everything that hier writes in the small world, by the section of docs/formats.md that is about it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHere } from '../../cli/inProcess.js';

/** Names that stand in files, by section. `cwd` is a copy of the world, with its run. */
export async function writtenFields(cwd: string): Promise<Record<string, readonly string[]>> {
  for (const words of [
    ['index', 'photos', '--model', 'mobilenet.onnx', '--out', 'table'],
    ['tree', 'runs/demo', '--export', 'json', '--out', 'tree.json'],
    ['embed', 'runs/demo', 'list.csv', '--shard', '0/1', '--out', 'fragments'],
  ]) {
    const { code, stderr } = await runHere(words, { cwd });
    if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  }
  const at = (...path: string[]) => join(cwd, ...path);
  const run = (name: string) => at('runs', 'demo', name);
  const table = JSON.parse(readFileSync(at('table', 'table.json'), 'utf8')) as Table;
  const tree = JSON.parse(readFileSync(at('tree.json'), 'utf8')) as { nodes: object[] };
  const model = JSON.parse(readFileSync(at('table', 'files', table.files['model.json']), 'utf8')) as object;
  const fragment = readdirSync(at('fragments'), { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('.safetensors'),
  )!;
  const [lines] = [readFileSync(run('metrics.jsonl'), 'utf8').trim().split('\n')];
  return {
    'A run: the folder': readdirSync(run('.')),
    '`status.json`': keysOf(run('status.json')),
    '`environment.json`': keysOf(run('environment.json')),
    '`data.json`': keysOf(run('data.json')),
    '`metrics.jsonl`': lines.flatMap((line) => Object.keys(JSON.parse(line) as object)),
    '`model.json`': [...keysOf(run('model.json')), ...Object.keys(model)],
    Checkpoints: tensorNames(run('checkpoints/last.safetensors'), 'progress'),
    Snapshots: tensorNames(run('snapshots/epoch-0001.safetensors'), 'about'),
    Trees: [...Object.keys(tree), ...tree.nodes.flatMap(Object.keys)],
    Fragments: tensorNames(at('fragments', fragment)),
    'A table: the folder': readdirSync(at('table')),
    '`table.json`': [...Object.keys(table), ...table.parts.flatMap(Object.keys)],
    Parts: partKeys(at('table', 'parts', table.parts[0].name)),
  };
}

interface Table {
  readonly files: Readonly<Record<string, string>>;
  readonly parts: readonly { readonly name: string }[];
}

function keysOf(path: string): string[] {
  return Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object);
}

/** Names in the header of a safetensors file, those in the JSON of one text among them; of `A/B` the part before the stroke. */
function tensorNames(path: string, json?: string): string[] {
  const bytes = readFileSync(path);
  const text = bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString('utf8');
  const { __metadata__: told, ...tensors } = JSON.parse(text) as { __metadata__: Record<string, string> };
  const inside = json === undefined ? [] : Object.keys(JSON.parse(told[json]) as object);
  return [...Object.keys(told), ...inside, ...Object.keys(tensors).map((name) => name.split('/')[0])];
}

function partKeys(path: string): string[] {
  const bytes = readFileSync(path);
  return Object.keys(JSON.parse(bytes.subarray(16, 16 + bytes.readUInt32LE(12)).toString('utf8')) as object);
}

/** The sections of a page by their headings. */
export function sectionsOf(page: string): Record<string, string> {
  const parts = readFileSync(page, 'utf8').split(/^## /m).slice(1);
  return Object.fromEntries(parts.map((part) => [part.slice(0, part.indexOf('\n')), part]));
}
