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

/** The path up to the last number of a repeated part, such as `layers.2.blocks.4` or `layer3.1`. */
const REPEATED =
  /^((?:[A-Za-z_][\w-]*\.)*?(?:[A-Za-z_][\w-]*\.\d+(?:\.\d+)*)(?:\.(?:blocks|layers|layer|block)\.\d+)*)\./;

/** The block that a path such as `encoder.layer.3.attention.query.weight` lies in; `shared` is the start of all paths. */
function blockOfPath(path: string, shared: string): string {
  const repeated = REPEATED.exec(path.slice(0, 1000));
  if (repeated) return repeated[1];
  const rest = path.startsWith(shared) ? path.slice(shared.length) : path;
  return (path.startsWith(shared) ? shared : '') + rest.split('.')[0];
}

/** The path of a node's name as PyTorch writes it: `/layers/layers.0/blocks/blocks.1/attn/MatMul` → `layers.0.blocks.1.attn.`. */
function pathOfNode(name: string): string {
  const scopes = name
    .split('/')
    .filter((part) => part !== '')
    .slice(0, -1);
  // A container such as `blocks` is followed by its element `blocks.3`, which says it again.
  return scopes
    .filter((part, i) => !(scopes[i + 1] ?? '').startsWith(`${part}.`))
    .map((part) => `${part}.`)
    .join('');
}

/** Whether an exporter made up the name of an array, such as `onnx::MatMul_123`, `475` or `val_3`. */
const isMadeUp = (name: string) =>
  /^(?:onnx::\w+|(?:val|t|tmp|const|input|tensor|initializer|unsqueeze|view|transpose|permute|reshape|cat|expand|repeat)(?:[_.]?\d+)*)$/i.test(
    name,
  ) || !/[A-Za-z]/.test(name);

/** The start that all dotted names share, up to a dot. */
function sharedStart(names: readonly string[]): string {
  const dotted = names.filter((name) => name.includes('.') && !isMadeUp(name));
  if (dotted.length < 2) return '';
  let shared = dotted[0].slice(0, dotted[0].lastIndexOf('.') + 1);
  for (const name of dotted)
    while (!name.startsWith(shared)) shared = shared.slice(0, shared.lastIndexOf('.', shared.length - 2) + 1);
  return shared;
}

/**
 * The blocks of parameters, from the image to the feature.
 * @param nodes inputs before users
 * @param image name of the input for images
 */
export function blocksOf(
  nodes: readonly StoredNode[],
  parameters: ReadonlySet<string>,
  image: string,
): Block[] {
  const shared = sharedStart([...parameters]);
  const met = byFirstMeeting(nodes, parameters, image);
  const blocks: { name: string; parameters: string[] }[] = [];
  const places = new Map<string, number>();
  for (const [name, node] of met) {
    const key = keyOf(name, node, shared);
    // A made-up name goes with what is used before it.
    const place = key === undefined ? blocks.length - 1 : places.get(key);
    if (place !== undefined && place >= 0) blocks[place].parameters.push(name);
    else {
      places.set(key ?? name, blocks.length);
      blocks.push({ name: key ?? name, parameters: [name] });
    }
  }
  const rest = [...parameters].filter((name) => !met.has(name));
  if (rest.length > 0 && blocks.length > 0) blocks[blocks.length - 1].parameters.push(...rest);
  return blocks;
}

/** Most parameters that are followed inside one value. */
const MOST_INSIDE = 64;

/** Parameters in the order in which they meet what comes from the image, each with the node that reads it first. */
function byFirstMeeting(
  nodes: readonly StoredNode[],
  parameters: ReadonlySet<string>,
  image: string,
): Map<string, StoredNode> {
  const fromImage = new Set([image]);
  const readers = new Map<string, StoredNode>();
  // Parameters in a value that does not depend on the image.
  const inside = new Map<string, readonly string[]>();
  const met = new Map<string, StoredNode>();
  for (const node of nodes) {
    const own = node.inputs.flatMap((name) => (parameters.has(name) ? [name] : (inside.get(name) ?? [])));
    for (const name of own) if (!readers.has(name)) readers.set(name, node);
    if (!/^(Shape|Size)$/.test(node.op) && node.inputs.some((name) => fromImage.has(name))) {
      for (const name of own) if (!met.has(name)) met.set(name, readers.get(name)!);
      for (const name of node.outputs) fromImage.add(name);
    } else if (own.length > 0) {
      const distinct = [...new Set(own)].slice(0, MOST_INSIDE);
      for (const name of node.outputs) inside.set(name, distinct);
    }
  }
  return met;
}

/** The name of the block of a parameter, by its own name or its node's; undefined when both are made up. */
function keyOf(name: string, node: StoredNode, shared: string): string | undefined {
  const made = isMadeUp(name);
  if (!made && name.includes('.')) return blockOfPath(name, shared);
  const path = pathOfNode(node.name);
  if (path !== '') return blockOfPath(path, shared);
  if (!made) return name.replace(/[_/](?:weights?|bias|kernel|gamma|beta|[wb])$/i, '');
  return node.name === '' || /^node_/.test(node.name) ? undefined : node.name;
}
