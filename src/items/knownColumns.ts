/** Names of columns of lists that mean something to hier. All others are kept as they are. */

/** Columns of items that mean something; all others are metadata. */
export const KNOWN: readonly string[] = ['id', 'path', 'label', 'node', 'x', 'y'];

/** Columns of a list of images that say which level of a taxonomy they are. */
export const TAXONOMY = 'taxonomy.';

/** Whether a column means nothing to hier, and so may hold lists. */
export const isFurther = (name: string): boolean =>
  ![...KNOWN, 'image', 'split'].includes(name) && !name.startsWith(TAXONOMY);
