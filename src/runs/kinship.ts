/**
 * The closed form that a run's trees are built in, between its classes' names and its folder: groups of classes that share a
 * word, and the map as it is kept beside the closed forms of retrieval. It is fitted in the room of closed forms.
 */
import { wordsIn } from '../hierarchy/names/words.js';
import type { Rows } from '../rows.js';
import { counted } from '../shown.js';
import { type Grouping, type Kinship, kinshipForm } from '../whitening/index.js';

/** Its name in the file of closed forms. */
export const KINSHIP = 'kinship';

/** Which word of a name says what kind of thing it is: the last in most English names, the first in Latin ones. */
export type KindWord = 'first' | 'last';

/**
 * Classes by the first and by the last word of their names, as groups; names without a word, such as numbers, have none.
 * @param classes names, by label
 */
export function groupsByName(classes: readonly string[]): Grouping<KindWord>[] {
  const words = classes.map(wordsIn);
  const groupingBy = (name: KindWord, at: 0 | -1): Grouping<KindWord> => ({
    name,
    groupOf: new Map(words.flatMap((own, label) => (own.length > 0 ? [[label, own.at(at)!] as const] : []))),
  });
  return [groupingBy('last', -1), groupingBy('first', 0)];
}

/**
 * Fits the closed form of trees to features by the names of their classes; undefined where the names say nothing about them.
 * @param unit rows of length 1, `[N, D]`
 * @param labels class of each row, an index into `classes`
 */
export async function kinshipOfNames(
  unit: Rows,
  labels: readonly number[],
  classes: readonly string[],
): Promise<Kinship<KindWord> | undefined> {
  return kinshipForm(unit, labels, groupsByName(classes));
}

/** What a run says of it in its last lines. */
export function kinshipNote(kinship: Kinship<KindWord> | undefined): string {
  const spent = 'Training by class labels spends the order of kinds that features came with';
  const trees = `${spent}, so trees (npx hier tree) are of these features where nothing shows a clearer one`;
  if (!kinship) return `${trees}.`;
  const { grouping, groups, classes } = kinship;
  return `${trees}; directions count less in which classes differ whose names share their ${grouping} word (${counted(classes, 'class')} by ${counted(groups, 'word')}).`;
}
