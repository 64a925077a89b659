/** The K of Recall@K that a recipe means where it does not say: those of the papers' tables, by the data set that it names. */
import { isTree, type RecipeTree } from './merge.js';

/** K by the name of a published data set (HIER official code). */
export const RECALL_AT: Readonly<Record<'cub' | 'cars' | 'sop' | 'in-shop', readonly number[]>> = {
  cub: [1, 2, 4, 8],
  cars: [1, 2, 4, 8],
  sop: [1, 10, 100, 1000],
  'in-shop': [1, 10, 20, 30],
};

/** The K of a recipe whose `data.source` names a published data set, alone or with its path; nothing for another. */
export function recallDefaults({ data }: RecipeTree): RecipeTree {
  const source = isTree(data) ? data.source : undefined;
  const name = typeof source === 'string' ? source.split(':')[0] : '';
  if (!Object.hasOwn(RECALL_AT, name)) return {};
  return { evaluation: { recallAt: [...RECALL_AT[name as keyof typeof RECALL_AT]] } };
}
