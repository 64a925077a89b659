/**
 * A recipe describes a training run completely: one typed, checked object. This file reads recipes (a shipped
 * one by name, or a YAML file, with dotted overrides), writes them back, and compares them. The fields are in its
 * schema.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync, readdirSync, reasonOf, shownPath } from '../disk/index.js';
import { HierError, shortened, suggestion, UsageError } from '../errors.js';
import { readTextFile } from '../io/text.js';
import { explainIssues, type Field, schemaFields, valueText } from '../settings/index.js';
import { crossFieldProblems } from './checks.js';
import { backboneDefaults, type KeptNames, unknownNames, withoutFrozen } from './choices.js';
import { importedDefaults, laidOver, spelledOut } from './imported.js';
import { isTree, mergeTrees, parseOverrides, type RecipeTree } from './merge.js';
import { type Parts, type Registry, registryOf } from './parts.js';
import { recallDefaults } from './recallAt.js';
import { defaultVariants, type Recipe, recipeSchema } from './schema.js';
import { parseYaml, yaml } from './yaml.js';

export type { Parts, Recipe };
/** One field of a recipe: its path, meaning and default. */
export type RecipeField = Field;

/**
 * The recipe `nameOrPath` with `overrides` laid over it, checked and with every default filled in.
 *
 * @param nameOrPath a shipped recipe such as `demo`, or a path that ends in .yaml or .yml. A recipe may
 *   say `extends: NAME` or `extends: PATH` (beside itself) and then states only what differs.
 * @param overrides `KEY=VALUE` with a dotted key and a YAML value: `optimizer.learningRate=1e-3`.
 * @param parts losses, backbones and augmentations that hier does not ship; the recipe can name them, and their
 *   settings are checked and explained like those of hier's own
 * @throws UsageError that names the file, the key, what was given and what was expected.
 */
export function loadRecipe(nameOrPath: string, overrides: readonly string[] = [], parts?: Parts): Recipe {
  return checkRecipe(treeOf(nameOrPath, overrides), originOf(nameOrPath), parts);
}

/**
 * The recipe that was stored with a run, with `overrides` laid over it. It was checked before it was stored: a loss,
 * backbone or augmentation that is not among hier's own and `parts` is kept as it stands, so that a run can be used
 * without the parts that it was trained with.
 * @throws UsageError as {@link loadRecipe}
 */
export function loadStoredRecipe(path: string, overrides: readonly string[] = [], parts?: Parts): Recipe {
  const tree = treeOf(path, overrides);
  const registry = registryOf(parts);
  return checked(tree, originOf(path), registry, { kept: unknownNames(tree, registry), isStored: true });
}

/**
 * Checks an unchecked recipe and fills its defaults in; `origin` (a file) is named in the UsageError.
 * @param parts as those of {@link loadRecipe}
 */
export function checkRecipe(given: unknown, origin = 'recipe', parts?: Parts): Recipe {
  return checked(given, origin, registryOf(parts));
}

function checked(
  read: unknown,
  origin: string,
  registry: Registry,
  { kept = {}, isStored = false }: { kept?: KeptNames; isStored?: boolean } = {},
): Recipe {
  const given =
    isTree(read) && 'backbone' in read ? { ...read, backbone: withoutFrozen(read.backbone) } : read;
  const filled = isTree(given) ? withDefaults(spelledOut(given), registry) : given;
  const schema = recipeSchema(registry, kept);
  const parsed = schema.safeParse(filled);
  const problems = parsed.success
    ? crossFieldProblems(parsed.data, registry, { isStored })
    : explainIssues(parsed.error.issues, { schema, given: filled, whole: 'recipe' });
  if (problems.length) throw new UsageError(problems.map((problem) => `${origin}: ${problem}`).join('\n'));
  return parsed.data as Recipe;
}

/** A recipe laid over what it means where it does not say. */
function withDefaults(given: RecipeTree, registry: Registry): RecipeTree {
  const under = [
    ...[defaultVariants, backboneDefaults(given.backbone, registry), importedDefaults(given)],
    recallDefaults(given),
  ];
  return mergeTrees(
    under.reduce<RecipeTree>((all, one) => mergeTrees(all, one), {}),
    given,
  );
}

/** A recipe file with overrides, unchecked. */
function treeOf(nameOrPath: string, overrides: readonly string[]): RecipeTree {
  const file = findRecipe(nameOrPath);
  const { name = basename(file).replace(/\.ya?ml$/i, ''), ...tree } = laidOver(
    readTree(file, []),
    parseOverrides(overrides),
  );
  return { name, ...tree };
}

const originOf = (nameOrPath: string) => (isPath(nameOrPath) ? nameOrPath : `recipe "${nameOrPath}"`);

/** The recipe as YAML that {@link loadRecipe} reads back to the same recipe, all defaults written out. */
export function recipeToYaml(recipe: Recipe): string {
  const { Document, visit } = yaml();
  const document = new Document(recipe);
  visit(document, { Seq: (_, list) => void (list.flow = true) });
  return document.toString({ lineWidth: 100, flowCollectionPadding: false });
}

/** SHA-256 over all fields but the name and the snapshots, as hex: equal for recipes that train the same. */
export function recipeHash(recipe: Recipe): string {
  const { name: _, snapshots: __, ...rest } = recipe;
  const said = [...leaves(rest)].filter(([path, value]) => LATER_DEFAULTS[path] !== value);
  const { trainFrom } = recipe.backbone;
  const isOlder = trainFrom === 0 || trainFrom === 1;
  const hashed = isOlder ? said.filter(([path]) => path !== 'backbone.trainFrom') : said;
  if (isOlder) hashed.push(['backbone.frozen', String(trainFrom === 1)]);
  return createHash('sha256').update(JSON.stringify(hashed.sort())).digest('hex');
}

/** Fields that checkpoints of earlier versions know nothing of: at these values they leave the hash as it was. */
const LATER_DEFAULTS: Readonly<Record<string, string>> = {
  'backbone.views': '4',
  'backbone.adapters': 'null',
  'optimizer.layerDecay': '1',
  'optimizer.worldSize': '1',
  'evaluation.testCurve': 'false',
  'engine.keptMemory': '1',
  'engine.device': '"cpu"',
  'head.initial': '"random"',
  'images.filter': '"bicubic"',
  'data.crossValidation': '0',
  'data.finalFit': 'false',
};

/** Shipped recipes by the names that they had before. */
const RENAMED: Readonly<Record<string, string>> = { 'fine-tune': 'photos' };

/** The fields in which two recipes differ, as `key: value of a → value of b`; names are not compared. */
export function recipeDifferences(a: Recipe, b: Recipe): string[] {
  const [left, right] = [a, b].map(({ name: _, ...rest }) => new Map(leaves(rest)));
  const differing = [...new Set([...left.keys(), ...right.keys()])].filter(
    (path) => left.get(path) !== right.get(path),
  );
  return differing.map((path) => `${path}: ${left.get(path) ?? 'absent'} → ${right.get(path) ?? 'absent'}`);
}

/**
 * All fields of a recipe with their defaults and meanings, for help texts.
 * @param parts as those of {@link loadRecipe}
 */
export function recipeFields(parts?: Parts): RecipeField[] {
  return schemaFields(recipeSchema(registryOf(parts)));
}

/** Names of the shipped recipes, sorted. */
export function recipeNames(): string[] {
  return readdirSync(recipeFolder())
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/** Dotted path and JSON text of every leaf; lists are leaves. */
function* leaves(tree: RecipeTree, prefix = ''): Generator<[string, string]> {
  for (const [key, value] of Object.entries(tree))
    if (isTree(value)) yield* leaves(value, `${prefix}${key}.`);
    else yield [prefix + key, JSON.stringify(value)];
}

/** `recipes/` at the root of the package: the first one beside a package.json above this file. */
function recipeFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'recipes')))
      return join(folder, 'recipes');
    if (folder === dirname(folder))
      throw new UsageError('The shipped recipes are missing: install hier again, or name a recipe file.');
  }
}

/** True for what names a file rather than a shipped recipe. */
function isPath(nameOrPath: string): boolean {
  return /\.ya?ml$/i.test(nameOrPath) || /[\\/]/.test(nameOrPath);
}

/** The file of a shipped recipe or of a path; paths are taken relative to `from`. */
function findRecipe(nameOrPath: string, from = '.'): string {
  if (isPath(nameOrPath)) return resolve(from, nameOrPath);
  const names = recipeNames();
  const name = Object.hasOwn(RENAMED, nameOrPath) ? RENAMED[nameOrPath] : nameOrPath;
  if (!names.includes(name))
    throw new UsageError(
      `There is no recipe "${shortened(nameOrPath)}".${suggestion(nameOrPath, names)} Shipped recipes: ${names.join(', ')}. A file of your own must end in .yaml.`,
    );
  return join(recipeFolder(), `${name}.yaml`);
}

/** A recipe file laid over what it extends; `seen` are the files that led to it. */
function readTree(file: string, seen: readonly string[]): RecipeTree {
  if (seen.includes(file))
    throw new UsageError(`Recipes extend each other in a circle: ${[...seen, file].join(' → ')}`);
  let text: string;
  try {
    text = readTextFile(file);
  } catch (cause) {
    if (!(cause instanceof HierError)) throw cause;
    const led = seen.length ? `, which ${seen[seen.length - 1]} extends,` : '';
    const reason = reasonOf(cause).replace(/\.$/, '');
    throw new UsageError(`The recipe ${shownPath(file)}${led} cannot be read: ${reason}.`, { cause });
  }
  const tree = parseYaml(text, file);
  if (!isTree(tree))
    throw new UsageError(`${file}: a recipe is a group of keys, but ${valueText(tree)} was given.`);
  const { extends: parent, ...own } = tree;
  if (parent === undefined) return spelledOut(own);
  if (typeof parent !== 'string')
    throw new UsageError(
      `${file}: "extends" must be the name or path of a recipe, but ${valueText(parent)} was given.`,
    );
  const { name: _, ...inherited } = readTree(findRecipe(parent, dirname(file)), [...seen, file]);
  return laidOver(inherited, own);
}
