/**
 * Parts that a recipe names and nobody has brought: which they are, what can be done without them, and how they are given.
 */
import { BACKBONES } from '../backbones/index.js';
import { UsageError } from '../errors.js';
import { KIND_NAMES, KINDS, type Kind, NO_AUGMENTATION, OWN_PARTS, type Registry } from './parts.js';
import type { Recipe } from './schema.js';

/** A part of a recipe that is not in a registry. */
export interface MissingPart {
  readonly kind: Kind;
  /** `loss`, `backbone` or `augmentation`. */
  readonly noun: string;
  readonly name: string;
}

/** The parts of a recipe that a registry does not have. */
export function missingParts(recipe: Recipe, registry: Registry = OWN_PARTS): MissingPart[] {
  const names: Record<Kind, string> = {
    losses: recipe.losses.metric.name,
    backbones: recipe.backbone.name,
    augmentations: recipe.images.augment.kind,
  };
  return KIND_NAMES.filter(
    (kind) => !Object.hasOwn(registry[kind], names[kind]) && names[kind] !== NO_AUGMENTATION,
  ).map((kind) => ({ kind, noun: KINDS[kind].noun, name: names[kind] }));
}

/** Whether the network of a recipe can be built without parts from outside. */
export function hasOwnNetwork({ backbone }: Pick<Recipe, 'backbone'>): boolean {
  return Object.hasOwn(BACKBONES, backbone.name);
}

/**
 * Refuses to train a recipe without its parts.
 * @param resumes whether the recipe is that of the run in `folder`
 * @throws UsageError that names the parts which a registry does not have, and says how they are given
 */
export function requireParts(
  recipe: Recipe,
  registry: Registry,
  { folder, resumes }: { readonly folder: string; readonly resumes: boolean },
): void {
  const missing = missingParts(recipe, registry);
  if (missing.length === 0) return;
  const named = missing.map(({ noun, name }) => `the ${noun} "${name}"`).join(' and ');
  const given = KIND_NAMES.flatMap((kind) => {
    const names = missing.filter((part) => part.kind === kind).map(({ name }) => keyOf(name));
    return names.length > 0 ? [`${kind}: { ${names.join(', ')} }`] : [];
  });
  const them = missing.length === 1 ? 'it' : 'them';
  const place = `folder: ${JSON.stringify(folder)}`;
  throw new UsageError(
    resumes
      ? `The run in ${folder} was trained with ${named}, which hier does not ship. To resume it, give ${them} again: train({ ${place}, mode: 'resume', ${given.join(', ')} }).`
      : `The recipe "${recipe.name}" names ${named}, which hier does not ship. Give ${them}: train({ recipe, ${place}, ${given.join(', ')} }).`,
  );
}

/** A property as it is written in an object. */
const keyOf = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}': …`);
