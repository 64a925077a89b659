/** Functions that a file brings with it (ONNX local functions), written out where they are called. */
import { DataError } from '../../errors.js';
import { nodeText } from './call.js';
import type { StoredAttribute, StoredFunction, StoredNode } from './file/types.js';

/** How deep functions may call each other, and how many nodes they may become. */
const [DEEPEST, MOST] = [16, 200_000];

/** Nodes without calls of functions. Throws DataError when functions call themselves. */
export function inlined(nodes: readonly StoredNode[], functions: readonly StoredFunction[]): StoredNode[] {
  if (functions.length === 0) return [...nodes];
  const known = new Map(functions.map((own) => [`${own.domain} ${own.name}`, own]));
  const out: StoredNode[] = [];
  let calls = 0;
  const write = (node: StoredNode, depth: number) => {
    const called = known.get(`${node.domain} ${node.op}`);
    if (!called) {
      out.push(node);
      if (out.length > MOST) throw new DataError(`its functions become more than ${MOST} nodes`);
      return;
    }
    if (depth >= DEEPEST)
      throw new DataError(`${nodeText(node)} is a function that calls functions ${DEEPEST} deep`);
    const prefix = `${node.name || called.name}#${calls++}/`;
    const names = new Map<string, string>();
    called.inputs.forEach((name, i) => {
      names.set(name, node.inputs[i] ?? '');
    });
    called.outputs.forEach((name, i) => {
      if (node.outputs[i]) names.set(name, node.outputs[i]);
    });
    const renamed = (name: string) => (name === '' ? '' : (names.get(name) ?? prefix + name));
    for (const own of called.nodes)
      write(
        {
          ...own,
          name: node.name ? `${node.name}/${own.name || own.op}` : own.name,
          inputs: own.inputs.map(renamed),
          outputs: own.outputs.map(renamed),
          attributes: attributesFor(own, node),
        },
        depth + 1,
      );
  };
  for (const node of nodes) write(node, 0);
  return out;
}

/** Attributes of a node in a function, with those of the caller where it refers to them. */
function attributesFor(own: StoredNode, caller: StoredNode): ReadonlyMap<string, StoredAttribute> {
  const attributes = new Map<string, StoredAttribute>();
  for (const [name, attribute] of own.attributes) {
    if (attribute.refersTo === undefined) attributes.set(name, attribute);
    else {
      const given = caller.attributes.get(attribute.refersTo);
      if (given) attributes.set(name, { ...given, name });
    }
  }
  return attributes;
}
