/**
 * A hierarchy as one JSON document, `hier-tree` version 1, and read back. Every field is checked by hand: a validating
 * library would be ten times the size of this room in a page.
 */
import { DataError, jsonProblem } from '../errors.js';
import { repeatedName, saidTwice } from '../json.js';
import type { TreeChoice } from './choice/choose.js';
import { CONSTRUCTIONS, type Construction } from './constructions.js';
import type { Hierarchy, HierarchyNode } from './describe.js';

/** A hierarchy with the names of the items that its exemplars are indices of. */
export interface HierarchyDocument extends Hierarchy {
  readonly items: readonly string[];
  /** Which tree this is of those that could be built, and why. Absent in documents written before there was a choice. */
  readonly choice?: TreeChoice;
}

/** A hierarchy as one JSON document, `hier-tree` version 1. */
export function toJson({ construction, choice, leaves, titles, items, nodes }: HierarchyDocument): string {
  return JSON.stringify({
    format: 'hier-tree',
    version: 1,
    construction,
    choice,
    leaves,
    titles,
    items,
    nodes,
  });
}

/** Reads a document of {@link toJson}. Throws DataError that names what is wrong. */
export function fromJson(text: string, source = 'The document'): HierarchyDocument {
  try {
    const document: unknown = JSON.parse(text);
    if (!isObject(document)) throw new Error(`it is ${shown(document)}, not an object`);
    const twice = repeatedName(text);
    if (twice !== undefined) throw new Error(saidTwice(twice));
    const { format, version, construction, choice, leaves, titles, items, nodes } = document;
    expect('format', format, 'hier-tree', format === 'hier-tree');
    expect('version', version, '1', version === 1);
    const known = CONSTRUCTIONS.some((name) => name === construction);
    expect('construction', construction, `one of ${CONSTRUCTIONS.join(', ')}`, known);
    if (choice !== undefined) expect('choice', choice, 'an object', isObject(choice));
    return {
      construction: construction as Construction,
      ...(choice === undefined ? {} : { choice: choice as unknown as TreeChoice }),
      leaves: listOf(isText, 'texts')('leaves', leaves),
      ...(titles === undefined ? {} : { titles: listOf(isText, 'texts')('titles', titles) }),
      items: listOf(isText, 'texts')('items', items),
      nodes: listOf(isObject, 'nodes')('nodes', nodes).map(nodeOf),
    };
  } catch (cause) {
    const isJson = !(cause instanceof SyntaxError || cause instanceof RangeError);
    const what = isJson ? (cause as Error).message : `it is not JSON: ${jsonProblem(text, cause)}`;
    throw new DataError(`${source} is not a hierarchy (hier-tree, version 1): ${what}.`, { cause });
  }
}

/** What a value must be: a test, and its name in messages. */
type Rule = readonly [test: (value: unknown) => boolean, wanted: string];

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const orNull = (test: (value: unknown) => boolean) => (value: unknown) => value === null || test(value);
const isIndices = (value: unknown) => Array.isArray(value) && value.every(isIndex);

const INDEX: Rule = [isIndex, 'a whole number of at least 0'];
const INDEX_OR_NULL: Rule = [orNull(isIndex), 'a whole number of at least 0, or null'];
const INDICES: Rule = [isIndices, 'a list of whole numbers of at least 0'];

/** The fields of a node; it has no others. */
const NODE_FIELDS: Readonly<Record<keyof HierarchyNode, Rule>> = {
  id: INDEX,
  parent: INDEX_OR_NULL,
  children: INDICES,
  members: INDICES,
  depth: INDEX,
  length: [(value) => isNumber(value) && value >= 0, 'a number of at least 0'],
  norm: [orNull(isNumber), 'a number or null'],
  proxy: INDEX_OR_NULL,
  label: [isText, 'a text'],
  exemplars: INDICES,
};

function nodeOf(node: Record<string, unknown>, index: number): HierarchyNode {
  for (const [key, [test, wanted]] of Object.entries(NODE_FIELDS))
    expect(`nodes[${index}].${key}`, node[key], wanted, test(node[key]));
  for (const key of Object.keys(node))
    if (!Object.hasOwn(NODE_FIELDS, key)) throw new Error(`nodes[${index}] has an unknown field "${key}"`);
  return node as unknown as HierarchyNode;
}

function listOf<T>(test: (value: unknown) => value is T, wanted: string) {
  return (name: string, value: unknown): T[] => {
    expect(name, value, `a list of ${wanted}`, Array.isArray(value) && value.every(test));
    return value as T[];
  };
}

function expect(name: string, value: unknown, wanted: string, holds: boolean): void {
  if (!holds) throw new Error(`${name} is ${shown(value)}; expected ${wanted}`);
}

/** A value in a message, cut to a few words. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
