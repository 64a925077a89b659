/**
 * Where a head starts that begins from a closed form of its features: which one, and how it and the features as they came
 * retrieve on classes that are held out. With cross-validation the training classes are held out in turn, and it is also
 * decided for how many epochs the head is trained. Test classes are not looked at.
 */

import type { Dataset } from '../../datasets/dataset.js';
import type { TrainingSplits } from '../../datasets/validation.js';
import { isVectorDataset } from '../../datasets/vectors.js';
import { gainOf, joinScores, meanScores, type PairedScores } from '../../retrieval/index.js';
import type { RunGain } from '../../runs/gain.js';
import { kinshipNote, kinshipOfNames } from '../../runs/kinship.js';
import { counted } from '../../shown.js';
import {
  type AffineMap,
  CLOSED_FORMS,
  type ClosedForm,
  type ClosedFormName,
  closedForms,
  mapped,
  reduced,
  unitRows,
} from '../../whitening/index.js';
import { gainOfFinal } from '../finalFit.js';
import { foldsOf, MOST, type Part, scoresOf, type Trial, takePart, wholeClasses } from './classParts.js';
import { remembered } from './remembered.js';
import { type StartFeaturesOptions, startFeatures } from './startFeatures.js';
import { classProxies, headArrays, rowsByClass, trainedEpochs } from './trial.js';

/** Options of {@link headStart}. */
export interface HeadStartOptions extends StartFeaturesOptions {
  readonly splits: TrainingSplits;
  /** What a trial has found already: the closed form that it started from is fitted to all training classes. */
  readonly tried?: RunGain | null | undefined;
  /** Ends the trials early; what is answered then is not whole, and is not to be used. */
  readonly signal?: AbortSignal | undefined;
}

/** Where a head starts. */
export interface HeadStart {
  /** `head.weight` and `head.bias`, and class proxies where there is one a class. */
  readonly known: Readonly<Record<string, Float32Array>>;
  readonly gain: RunGain;
  /** All closed forms of the training features, for evaluations to come; of the features' own length. */
  readonly forms: readonly ClosedForm[];
  /** The closed form that trees are built in, where the names of classes tell one. */
  readonly kinship?: AffineMap | undefined;
  /** Scores on the classes that the run holds out, of the features as they came and of the start; absent without such classes. */
  readonly scores?: { readonly given: PairedScores; readonly start: PairedScores };
}

/** Chooses and fits the closed form that the head of a recipe starts from. Throws as {@link startFeatures}. */
export async function headStart(options: HeadStartOptions): Promise<HeadStart> {
  const { dataset, splits } = options;
  const labelOf = (item: number) => dataset.items[item].label;
  const partOf = async (items: readonly number[]): Promise<Part> => {
    const features = await startFeatures(items, options);
    return { features, unit: unitRows(features), labels: items.map(labelOf) };
  };
  const all = await partOf(wholeClasses(splits.train, labelOf, MOST.fitted));
  const start = await retrievalStart(all, partOf, options);
  if (!hasLabels(dataset)) return start;
  const kinship = await kinshipOfNames(all.unit, all.labels, dataset.classes);
  return { ...start, kinship: kinship?.map, gain: { ...start.gain, trees: kinshipNote(kinship) } };
}

/** Whether the items have classes: all do but vectors without labels. */
const hasLabels = (dataset: Dataset) => !isVectorDataset(dataset) || dataset.isLabelled;

/** The closed form of retrieval. */
async function retrievalStart(
  all: Part,
  partOf: (items: readonly number[]) => Promise<Part>,
  options: HeadStartOptions,
): Promise<HeadStart> {
  const { dataset, recipe, splits } = options;
  if (options.tried) return fittedAnew(all, options.tried, options);
  if (!hasLabels(dataset))
    return fixed(all, options, [
      'Without labels nothing can be measured, so the features stay as they came, and ancestors alone are learned for them.',
    ]);
  const trials: Trial[] = [];
  if (splits.validation.length > 0) {
    const heldOut = await partOf(splits.validation);
    trials.push({ rest: all, heldOut });
  } else
    for (const held of foldsOf(all.labels, recipe.data.crossValidation)) {
      const rows = [...all.labels.keys()];
      const heldOut = wholeClasses(
        rows.filter((row) => held.has(all.labels[row])),
        (row) => all.labels[row],
        MOST.queries,
      );
      const rest = rows.filter((row) => !held.has(all.labels[row]));
      trials.push({ rest: takePart(all, rest), heldOut: takePart(all, heldOut) });
    }
  if (trials.length === 0) {
    const classes = new Set(all.labels).size;
    if (recipe.data.crossValidation === 0) return untested(all, options);
    return fixed(all, options, [
      `${counted(classes, 'training class')} of two items or more: too few to hold any out (4 at least), so nothing can be measured, and the features stay as they came.`,
    ]);
  }
  return tested(all, trials, options);
}

/** Measures the closed forms in every trial, takes the best, and trains from it where that is cross-validated. */
async function tested(all: Part, trials: readonly Trial[], options: HeadStartOptions): Promise<HeadStart> {
  const { recipe, splits } = options;
  const width = recipe.head.embeddingSize;
  const measured: {
    readonly forms: ReadonlyMap<ClosedFormName, AffineMap>;
    readonly scores: ReadonlyMap<ClosedFormName, PairedScores>;
  }[] = [];
  const parts: PairedScores[] = [];
  for (const { rest, heldOut } of trials) {
    const forms = new Map<ClosedFormName, AffineMap>();
    const scores = new Map<ClosedFormName, PairedScores>();
    for (const { name, map } of await formsOf(rest, options)) {
      forms.set(name, await keptOf(map, rest, width));
      scores.set(name, await scoresOf(await mapped(heldOut.unit, forms.get(name)!), heldOut.labels));
    }
    // Fewer numbers than came in are another thing than what came in.
    const isAll = width >= rest.unit.dim;
    parts.push(isAll ? scores.get('given')! : await scoresOf(heldOut.unit, heldOut.labels));
    measured.push({ forms, scores });
  }
  const names = CLOSED_FORMS.filter((name) => measured.every(({ scores }) => scores.has(name)));
  const pooled = new Map(
    names.map((name) => [name, joinScores(measured.map(({ scores }) => scores.get(name)!))]),
  );
  const given = joinScores(parts);
  if (given.labels.length === 0)
    return fixed(all, options, [
      'No held-out class has two items, so nothing can be measured, and the features stay as they came.',
    ]);
  const start = bestOf(names, pooled);
  const best = pooled.get(start)!;
  const notes: string[] =
    width < all.unit.dim
      ? [`The head keeps ${width} of the ${all.unit.dim} numbers that came in (head.embeddingSize).`]
      : [];
  const folds = splits.validation.length > 0 ? 1 : trials.length;
  const tried =
    folds > 1
      ? await trainedEpochs(
          trials,
          measured.map(({ forms, scores }) => ({ map: forms.get(start)!, scores: scores.get(start)! })),
          { ...options, onNote: (note) => notes.push(note) },
        )
      : { epochs: [], trials: 0 };
  const isWhole = tried.trials === trials.length;
  if (tried.trials > 0 && !isWhole)
    notes.push(
      `The head was trained on ${tried.trials} of the ${trials.length} parts alone: no epoch gained there.`,
    );
  const found = tried.epochs.reduce<{ epoch: number; scores: PairedScores } | undefined>(
    (top, scores, i) =>
      top && meanScores(top.scores)['map@r'] >= meanScores(scores)['map@r'] ? top : { epoch: i + 1, scores },
    undefined,
  );
  const startsTried = measured.slice(0, tried.trials).map(({ scores }) => scores.get(start)!);
  const overStart = found ? gainOf(found.scores, joinScores(startsTried)) : null;
  const isBetter =
    isWhole && overStart !== null && overStart['map@r'].low > 0 && overStart['recall@1'].value >= 0;
  const forms = await formsOf(all, options);
  const own = forms.find(({ name }) => name === start)!;
  return {
    known: await firstHead(own.map, all, options),
    forms,
    ...(folds === 1 ? { scores: { given, start: best } } : {}),
    gain: {
      format: 'hier-gain',
      version: 1,
      heldOut: { classes: new Set(given.labels).size, queries: given.labels.length, folds },
      notes,
      rows: [
        ...names.map((name) => ({
          name,
          epoch: 0,
          ...meanScores(name === 'given' ? given : pooled.get(name)!),
        })),
        ...(found && isWhole
          ? [{ name: 'trained' as const, epoch: found.epoch, ...meanScores(found.scores) }]
          : []),
      ],
      start,
      epoch: isBetter ? found!.epoch : 0,
      headEpochs: folds === 1 ? null : isBetter ? found!.epoch : 0,
      overGiven: gainOf(isBetter ? found!.scores : best, given),
      overStart,
    },
  };
}

/**
 * The closed form of the highest MAP@R. What asks more of the data takes the place of what asks less only when it gains more
 * than its standard error, so that chance alone does not make features worse than they came.
 */
function bestOf(
  names: readonly ClosedFormName[],
  scores: ReadonlyMap<ClosedFormName, PairedScores>,
): ClosedFormName {
  let best = names[0];
  for (const name of names.slice(1)) {
    const { value, low, high } = gainOf(scores.get(name)!, scores.get(best)!)['map@r'];
    const error = (high - low) / (2 * 1.96);
    if (value > error) best = name;
  }
  return best;
}

/** The features as they came, where nothing can be measured: a head that is left as it is. */
async function fixed(all: Part, options: HeadStartOptions, notes: readonly string[]): Promise<HeadStart> {
  const { dim } = all.unit;
  const weight = new Float32Array(dim * dim);
  for (let i = 0; i < dim; i++) weight[i * dim + i] = 1;
  const given: ClosedForm = { name: 'given', map: { weight, bias: new Float32Array(dim) } };
  const known = await firstHead(given.map, all, options);
  return { known, forms: [given], gain: unmeasured('given', notes, 0) };
}

/** The closed form that a trial has chosen, of all classes. */
async function fittedAnew(all: Part, tried: RunGain, options: HeadStartOptions): Promise<HeadStart> {
  const forms = await formsOf(all, options);
  const own = forms.find(({ name }) => name === tried.start) ?? forms[0];
  const gain = gainOfFinal(tried, new Set(all.labels).size);
  return { known: await firstHead(own.map, all, options), forms, gain };
}

/** Whitening, where the recipe holds no classes out and trains as long as it says. */
async function untested(all: Part, options: HeadStartOptions): Promise<HeadStart> {
  const forms = await formsOf(all, options);
  const own = forms.find(({ name }) => name === 'whitened') ?? forms[0];
  const known = await firstHead(own.map, all, options);
  const note =
    'No classes are held out (data.validation and data.crossValidation are 0), so it is not known whether anything was gained over what came in.';
  return { known, forms, gain: unmeasured(own.name, [note], null) };
}

function unmeasured(start: ClosedFormName, notes: readonly string[], headEpochs: number | null): RunGain {
  const nothing = { headEpochs, heldOut: null, rows: [], epoch: 0, overGiven: null, overStart: null };
  return { format: 'hier-gain', version: 1, ...nothing, notes: [...notes], start };
}

/** Powers are for features that are the data themselves: through a backbone gradients would have to pass. */
const ways = ({ dataset }: HeadStartOptions) => ({ withPowers: isVectorDataset(dataset) });

/** The closed forms of a part. */
function formsOf({ unit, labels }: Part, options: HeadStartOptions): Promise<ClosedForm[]> {
  const how = ways(options);
  const inputs = [unit.values, Float64Array.from(labels), JSON.stringify([unit.dim, how])];
  return remembered(inputs, () => closedForms(unit, labels, how));
}

/** A closed form of a part with `width` results. */
function keptOf(map: AffineMap, { unit, labels }: Part, width: number): Promise<AffineMap> {
  const given = [map.weight, map.bias, unit.values, Float64Array.from(labels)];
  const inputs = [...given, JSON.stringify([unit.dim, width, map.power ?? null])];
  return remembered(inputs, () => reduced(map, unit, labels, width));
}

/** The arrays of a head that is a closed form, and class proxies that fit it. */
async function firstHead(map: AffineMap, all: Part, { recipe, registry, splits }: HeadStartOptions) {
  const own = await keptOf(map, all, recipe.head.embeddingSize);
  const isWhole = all.labels.length === splits.train.length;
  const proxies = isWhole ? await classProxies(recipe, registry, all, rowsByClass(all.labels), own) : {};
  return { ...headArrays(own), ...proxies };
}
