/**
 * Names that people give to the parts of a data set, in folders and in columns, and what hier makes of them: train and
 * test, and the queries of the test. Which images belong to a part is decided elsewhere.
 */
import type { DatasetSplit } from './assemble.js';

/** A part of a data set by its usual name. */
export type SplitName = 'train' | 'validation' | 'test' | 'query' | 'gallery';

/** Where an image belongs; `isQuery` where queries and gallery are apart. */
export interface Part {
  readonly split: DatasetSplit;
  readonly isQuery?: boolean;
}

const NAMES: Readonly<Record<SplitName, readonly string[]>> = {
  train: ['train', 'training', 'trn', 'trainset', 'trainingset'],
  validation: ['val', 'valid', 'validation', 'dev', 'valset', 'validset', 'validationset', 'devset'],
  test: ['test', 'testing', 'tst', 'testset', 'testingset', 'eval', 'evaluation'],
  query: ['query', 'queries', 'queryset', 'probe'],
  gallery: ['gallery', 'galleryset', 'reference'],
};

/** The part that a name stands for, in any letter case, with `_`, `-` and spaces left out; undefined for others. */
export function splitNamed(text: string): SplitName | undefined {
  const plain = text.toLowerCase().replace(/[\s_-]/g, '');
  return (Object.keys(NAMES) as SplitName[]).find((name) => NAMES[name].includes(plain));
}

/** What is made of the parts that a data set has, or why it cannot be used as it is. */
export type SplitPlan =
  | { readonly parts: ReadonlyMap<SplitName, Part>; readonly warnings: readonly string[] }
  | { readonly refused: string; readonly by: SplitName };

/**
 * What is made of parts of these names. A validation part is the test where there is a training part and no other test;
 * with a test it is refused, since hier holds classes out of the training half by itself.
 */
export function planSplits(names: ReadonlySet<SplitName>): SplitPlan {
  const has = (name: SplitName) => names.has(name);
  const hasTest = has('test') || has('query') || has('gallery');
  if (has('validation') && (hasTest || !has('train')))
    return {
      by: 'validation',
      refused: hasTest
        ? 'classes for validation are held out of the training half by hier (data.validation): put the classes of validation into train, or leave them out'
        : 'validation classes are held out of train when training starts: call it train or test',
    };
  if (has('query') && !has('gallery') && !has('test'))
    return { by: 'query', refused: 'there are queries, but nothing to search in (gallery)' };
  if (has('gallery') && !has('query'))
    return { by: 'gallery', refused: 'there is a gallery to search in, but no queries (query)' };
  const apart = has('query');
  const parts = new Map<SplitName, Part>([
    ['train', { split: 'train' }],
    ['test', apart ? { split: 'test', isQuery: false } : { split: 'test' }],
    ['validation', { split: 'test' }],
    ['query', { split: 'test', isQuery: true }],
    ['gallery', { split: 'test', isQuery: false }],
  ]);
  const warnings = has('validation')
    ? [
        'The validation part is taken as the test, since there is no other; hier holds classes out of train for validation.',
      ]
    : [];
  return { parts, warnings };
}
