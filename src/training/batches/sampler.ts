/**
 * Class-balanced batches (HIER official code): some classes, drawn without replacement, and the same number
 * of images of each. A batch is a pure function of (seed, epoch, step). It chooses images; it does not load
 * them.
 */
import { DataError } from '../../errors.js';
import { type RandomStream, randomStream } from '../../random.js';

/** What a batch is drawn from and how. */
export interface BatchOptions {
  /** For each class the indices of its images, none empty. A class's label is its position here. */
  classes: readonly ArrayLike<number>[];
  /** Images a batch, a multiple of `imagesPerClass`. */
  batchSize: number;
  /** Images of each class in a batch. */
  imagesPerClass: number;
  /**
   * True (the paper): images of a class are drawn with replacement, so that one may come twice. False: an
   * image comes a second time only when its class has no other left.
   */
  replacement?: boolean;
}

/** One batch: images grouped by class, B of them. */
export interface Batch {
  /** Indices of the images, [B]. */
  items: Int32Array;
  /** Label of each image, its class's position in `classes`, [B]. */
  labels: Int32Array;
}

/**
 * The batch of `step` (from 0 within `epoch`). Where a batch needs more classes than there are, every class
 * is used once before one comes again, so that counts differ by one class slot at most.
 */
export function classBalancedBatch(
  options: BatchOptions & { seed: number; epoch: number; step: number },
): Batch {
  const { classes, batchSize, imagesPerClass, replacement = true, seed, epoch, step } = options;
  const random = randomStream(seed, 'batch', epoch, step);
  const items = new Int32Array(batchSize);
  const labels = new Int32Array(batchSize);
  const nextClass = deck(random, classes.length);
  const decks = new Map<number, () => number>();
  for (let start = 0; start < batchSize; start += imagesPerClass) {
    const label = nextClass();
    const members = classes[label];
    if (!replacement && !decks.has(label)) decks.set(label, deck(random, members.length));
    const nextMember = decks.get(label) ?? (() => random.integer(members.length));
    for (let i = start; i < start + imagesPerClass; i++) {
      items[i] = members[nextMember()];
      labels[i] = label;
    }
  }
  return { items, labels };
}

/** What a batch must keep to beside the sampler's own rules. */
export interface BatchRules {
  /** It is a multiple of this. Default: `imagesPerClass`. */
  readonly unit?: number;
  /** It is not smaller. Default: two classes. */
  readonly least?: number;
}

/** Result of {@link planBatches}. */
export interface BatchPlan {
  /** Steps an epoch, ⌊images / batchSize⌋, 1 or more. */
  stepsPerEpoch: number;
  /** What the user should know before training, in sentences; usually empty. */
  warnings: string[];
}

/**
 * Steps an epoch, and whether balanced batches can be drawn at all.
 *
 * @throws DataError when there are fewer than two classes, an empty class, or fewer images than a batch.
 */
export function planBatches(
  { classes, batchSize, imagesPerClass }: BatchOptions,
  { unit = imagesPerClass, least = 2 * imagesPerClass }: BatchRules = {},
): BatchPlan {
  if (classes.length < 2)
    throw new DataError(
      `The training set has ${classes.length === 1 ? 'one class' : 'no classes'}: metric learning needs two or more to tell apart.`,
    );
  const empty = classes.findIndex((members) => members.length === 0);
  if (empty >= 0) throw new DataError(`Training class ${empty} has no images.`);
  const images = classes.reduce((sum, members) => sum + members.length, 0);
  const stepsPerEpoch = Math.floor(images / batchSize);
  if (!stepsPerEpoch) throw new DataError(tooFew(images, batchSize, { unit, least }));
  const warnings: string[] = [];
  const slots = batchSize / imagesPerClass;
  if (classes.length < slots)
    warnings.push(
      `A batch has room for ${slots} classes but there are ${classes.length}: each comes ${Math.floor(slots / classes.length)} times or more in every batch.`,
    );
  const single = classes.filter((members) => members.length < 2).length;
  if (imagesPerClass > 1 && single)
    warnings.push(
      `${single} of ${classes.length} training classes have one image only: their pairs are that image twice.`,
    );
  return { stepsPerEpoch, warnings };
}

/** Draws from 0 … n−1 without replacement, starting over when all were drawn. */
function deck(random: RandomStream, n: number): () => number {
  const cards = Int32Array.from({ length: n }, (_, i) => i);
  let left = 0;
  return () => {
    if (!left) left = n;
    const i = random.integer(left--);
    const card = cards[i];
    cards[i] = cards[left];
    cards[left] = card;
    return card;
  };
}

/** What can be done when there are fewer images than a batch: a smaller one where the recipe allows it. */
function tooFew(images: number, batchSize: number, { unit, least }: Required<BatchRules>): string {
  const found = `The training set has ${images} items, fewer than one batch of ${batchSize}.`;
  const [largest, smallest] = [images - (images % unit), Math.ceil(least / unit) * unit];
  if (largest < smallest)
    return `${found} That is too few for this recipe, whose smallest batch has ${smallest}: add items, or hold fewer of them out (data.validation).`;
  const step = unit > 1 && largest > smallest ? `, in steps of ${unit} down to ${smallest}` : '';
  return `${found} Set batch.size=${largest}${largest > smallest ? ' or less' : ''}${step}.`;
}
