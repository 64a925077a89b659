/**
 * The blocks of an imported network: its parameters in the order in which they are used, cut where the names of
 * parameters or nodes change from one repeated part to the next. Training can begin at any of them.
 */
import type { StoredNode } from './file/types.js';

/** A block: its name, and the parameters (names in the file) that it uses first. */
export interface Block {
  readonly name: string;
  readonly parameters: readonly string[];
}

/** The block that a path such as `encoder.layer.3.attention.query.weight` lies in. */
function blockOfPath(path: string): string {
  const repeated =
    /^((?:[A-Za-z_][\w-]*\.)*?(?:[A-Za-z_][\w-]*\.\d+(?:\.\d+)*)(?:\.(?:blocks|layers|layer|block)\.\d+)*)\./.exec(
      path,
    );
  return repeated ? repeated[1] : path.split('.')[0];
}

/** The path of a node's name as PyTorch writes it: `/layers/layers.0/blocks/blocks.1/attn/MatMul` → `layers.0.blocks.1.attn.`. */
function pathOfNode(name: string): string {
  const parts = name.split('/').filter((part) => part !== '');
  const scopes = parts.slice(0, -1);
  // A container such as `blocks` is followed by its element `blocks.3`, which says it again.
  return scopes
    .filter((part, i) => !(scopes[i + 1] ?? '').startsWith(`${part}.`))
    .map((part) => `${part}.`)
    .join('');
}

/** Whether a name is one that an exporter made up, such as `onnx::MatMul_123`, `475` or `val_3`. */
const isMadeUp = (name: string) =>
  /^(?:onnx::\w+|\d+|(?:val|t|tmp|const|input|tensor)_?\d+)$/i.test(name) || !/[A-Za-z]/.test(name);

/** The blocks of parameters that come in the order of their first use, by nodes. */
export function blocksOf(nodes: readonly StoredNode[], parameters: ReadonlySet<string>): Block[] {
  const firstUse = new Map<string, StoredNode>();
  for (const node of nodes)
    for (const name of node.inputs) if (parameters.has(name) && !firstUse.has(name)) firstUse.set(name, node);
  const blocks: { name: string; parameters: string[] }[] = [];
  const places = new Map<string, number>();
  for (const [name, node] of firstUse) {
    const key = keyOf(name, node);
    const known = key === undefined ? blocks.length - 1 : places.get(key);
    const last = blocks.length - 1;
    // What a shared or early weight was used for first decides; a made-up name goes with its neighbours.
    if (known !== undefined && known >= 0 && (known === last || key !== undefined))
      blocks[known].parameters.push(name);
    else {
      const own = key ?? node.name ?? name;
      places.set(own, blocks.length);
      blocks.push({ name: own || name, parameters: [name] });
    }
  }
  return blocks;
}

function keyOf(name: string, node: StoredNode): string | undefined {
  if (!isMadeUp(name) && name.includes('.')) return blockOfPath(name);
  const path = pathOfNode(node.name);
  if (path !== '') return blockOfPath(path);
  if (!isMadeUp(name)) return blockOfPath(`${name}.`.replace(/[_/]/g, '.'));
  return node.name || undefined;
}
