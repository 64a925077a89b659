/**
 * The parts that a recipe can name: hier's own losses, backbones and augmentations, and those that a program brings along,
 * which are checked here. Checking a recipe against them is the schema's business.
 */
import { BACKBONES, type Backbone } from '../backbones/index.js';
import { UsageError } from '../errors.js';
import { AUGMENTATIONS } from '../images/augment.js';
import type { Augmentation } from '../images/augmentation.js';
import { addressOf } from '../images/importAugmentation.js';
import type { MetricLoss } from '../losses/metricLoss.js';
import { METRIC_LOSSES } from '../losses/registry.js';
import { checkSettings, type Settings } from '../settings/index.js';

/** Parts that hier does not ship, by the names that recipes give them. */
export interface Parts {
  /** Losses by the name that `losses.metric.name` has, made with `metricLoss`. */
  readonly losses?: Readonly<Record<string, MetricLoss>> | undefined;
  /** Backbones by the name that `backbone.name` has, made with `backbone`. */
  readonly backbones?: Readonly<Record<string, Backbone>> | undefined;
  /** Augmentations by the name that `images.augment.kind` has, made with `augmentation`. */
  readonly augmentations?: Readonly<Record<string, Augmentation>> | undefined;
}

/** All parts that a recipe can name. */
export interface Registry {
  readonly losses: Readonly<Record<string, MetricLoss>>;
  readonly backbones: Readonly<Record<string, Backbone>>;
  readonly augmentations: Readonly<Record<string, Augmentation>>;
}

/** hier's own parts. */
export const OWN_PARTS: Registry = {
  losses: METRIC_LOSSES,
  backbones: BACKBONES,
  augmentations: AUGMENTATIONS,
};

/** What `images.augment.kind` is for images as they are. */
export const NO_AUGMENTATION = 'none';

/** How each kind of part is called, defined and given, and the fields beside its settings. */
export const KINDS = {
  losses: { noun: 'loss', helper: 'metricLoss', taken: ['name', 'weight'] },
  backbones: {
    noun: 'backbone',
    helper: 'backbone',
    taken: ['name', 'weights', 'frozen', 'trainFrom', 'views', 'adapters'],
  },
  augmentations: { noun: 'augmentation', helper: 'augmentation', taken: ['kind'] },
} as const;

/** A kind of part. */
export type Kind = keyof typeof KINDS;
/** The kinds. */
export const KIND_NAMES = Object.keys(KINDS) as Kind[];

/**
 * hier's own parts and those of a program.
 * @throws UsageError for a part that is not sound, or has the name of one of hier's own
 */
export function registryOf(parts: Parts = {}): Registry {
  const given = KIND_NAMES.filter((kind) => Object.keys(parts[kind] ?? {}).length > 0);
  if (given.length === 0) return OWN_PARTS;
  for (const kind of given)
    for (const [name, part] of Object.entries(parts[kind]!)) requireSound(kind, name, part);
  return {
    losses: { ...OWN_PARTS.losses, ...parts.losses },
    backbones: { ...OWN_PARTS.backbones, ...parts.backbones },
    augmentations: { ...OWN_PARTS.augmentations, ...parts.augmentations },
  };
}

function requireSound(kind: Kind, name: string, part: unknown): void {
  const { noun, helper, taken } = KINDS[kind];
  const refuse = (sentence: string): never => {
    throw new UsageError(`${kind}.${name}: ${sentence}`);
  };
  if (!/^[A-Za-z][\w-]{0,99}$/.test(name))
    refuse('a name begins with a letter, and has letters, digits, dashes and underscores, at most 100.');
  if (Object.hasOwn(OWN_PARTS[kind], name) || (kind === 'augmentations' && name === NO_AUGMENTATION))
    refuse(`"${name}" is a name that hier has a ${noun} of its own for; give yours another.`);
  const { about, settings, build } = (part ?? {}) as Partial<MetricLoss>;
  if (typeof about !== 'string' || typeof build !== 'function' || typeof settings !== 'object')
    refuse(`this is not a ${noun}. Make it with ${helper}({ about, settings, build }).`);
  const reserved = taken.find((key) => Object.hasOwn(settings!, key));
  if (reserved)
    refuse(`a setting cannot be called "${reserved}", which every ${noun} has; name it otherwise.`);
  requireDefaults(settings!, `${kind}.${name}`);
  if (kind === 'backbones') requireImages(part as Backbone, refuse);
  if (kind === 'augmentations') addressOf(name, part as Augmentation, false);
}

/** Throws UsageError when a setting has no meaning, or a default that it does not allow. */
function requireDefaults(settings: Settings, prefix: string): void {
  for (const [key, setting] of Object.entries(settings)) {
    if (!setting?.about)
      throw new UsageError(`${prefix}: the setting "${key}" needs a few words of what it means, about: '…'.`);
    if (setting.default !== undefined) checkSettings({ [key]: setting }, { [key]: setting.default }, prefix);
  }
}

function requireImages({ takes, published }: Backbone, refuse: (sentence: string) => never): void {
  if (takes === 'vectors')
    refuse('a backbone from outside takes images; feature vectors go to the head as they are.');
  if (published)
    refuse(
      'only hier knows where to fetch weights. Say takesWeights: true, and name a file in backbone.weights.',
    );
}
