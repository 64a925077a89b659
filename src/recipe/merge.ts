/**
 * Recipes as plain trees before they are checked: laying one over another, and reading dotted overrides
 * (`optimizer.learningRate=1e-3`).
 */
import { UsageError } from '../errors.js';
import { parseYaml } from './yaml.js';

/** A group of keys as it was written, unchecked. */
export type RecipeTree = Record<string, unknown>;

/** True for a group of keys; lists, texts and numbers are leaves. */
export function isTree(value: unknown): value is RecipeTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The groups that come in variants, each with the key that chooses one. */
const variantGroups: Record<string, string> = {
  backbone: 'name',
  'images.augment': 'kind',
  'losses.metric': 'name',
};

/**
 * `over` laid on `under`: groups are merged, anything else is replaced. A group that chooses another variant
 * replaces the one below, whose options would mean nothing to it; what share of a backbone is trained means the same to
 * another one. `path` is where the two groups belong.
 */
export function mergeTrees(under: RecipeTree, over: RecipeTree, path = ''): RecipeTree {
  const choice = variantGroups[path];
  const otherVariant = choice !== undefined && Object.hasOwn(over, choice) && over[choice] !== under[choice];
  const merged: RecipeTree = otherVariant ? sharedBy(under, over, path) : { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    const inner = path ? `${path}.${key}` : key;
    setOwn(merged, key, isTree(value) && isTree(below) ? mergeTrees(below, value, inner) : value);
  }
  return merged;
}

/** Options of a variant that another one has as well: of a backbone the share that is trained, unless it takes vectors. */
function sharedBy(under: RecipeTree, over: RecipeTree, path: string): RecipeTree {
  if (path !== 'backbone' || over.name === 'identity') return {};
  const { trainFrom, views } = under;
  return {
    ...(typeof trainFrom === 'number' ? { trainFrom } : {}),
    ...(typeof views === 'number' ? { views } : {}),
  };
}

/** Reads `path=value` overrides, the value as YAML (`1e-3`, `true`, `[1, 2]`, `null`, text), into one tree. */
export function parseOverrides(overrides: readonly string[]): RecipeTree {
  const tree: RecipeTree = {};
  for (const override of overrides) {
    const equals = override.indexOf('=');
    const path = override.slice(0, Math.max(equals, 0)).trim();
    const keys = path.split('.');
    if (equals < 0 || keys.some((key) => !key) || keys.length > 16)
      throw new UsageError(
        `Override "${override.slice(0, 200)}" cannot be read. Write it as KEY=VALUE, for example optimizer.learningRate=1e-3`,
      );
    if (override.slice(equals + 1).trim() === '')
      throw new UsageError(
        `"${path.slice(0, 200)}" has no value, so null was given. Is a variable of the shell not set? If none is meant, write ${path.slice(0, 200)}=null.`,
      );
    const value = readValue(override, override.slice(equals + 1));
    let group = tree;
    for (const key of keys.slice(0, -1)) {
      if (!Object.hasOwn(group, key) || !isTree(group[key])) setOwn(group, key, {});
      group = group[key] as RecipeTree;
    }
    setOwn(group, keys[keys.length - 1], value);
  }
  return tree;
}

/** The value of an override. Throws UsageError that names it. */
function readValue(override: string, text: string): unknown {
  try {
    return parseYaml(text, `the value of override "${override.slice(0, 200)}"`);
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^.*?": ?(.*not valid YAML: )?/s, '');
    throw new UsageError(
      `The value of override "${override.slice(0, 200)}" is not valid YAML: ${reason} Put text with signs of YAML in quotes.`,
      { cause },
    );
  }
}

/** Sets an own property whatever its name is, `__proto__` too. */
function setOwn(tree: RecipeTree, key: string, value: unknown): void {
  Object.defineProperty(tree, key, { value, enumerable: true, configurable: true, writable: true });
}
