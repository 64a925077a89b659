/**
 * Which column of a list titles its items, by its name, and which one says beside it why an item was found: for the page, for the
 * command line and for the names of a tree's nodes alike.
 */

/** Names of such columns in small letters, the likeliest first. */
const TITLES = [
  'title',
  'product_title',
  'item_title',
  'name',
  'product_name',
  'item_name',
  'product',
  'headline',
  'caption',
];

/** The column that titles items; undefined where none seems to. */
export function titleColumn(names: readonly string[]): string | undefined {
  const lower = names.map((name) => name.toLowerCase());
  return TITLES.map((title) => names[lower.indexOf(title)]).find((name) => name !== undefined);
}

/**
 * The column, `id` or `label` that says why an item was found by words: the first that has a word which those that are `shown`
 * anyway have not; undefined where these have all.
 */
export function columnBeside(
  matched: Readonly<Record<string, readonly string[]>>,
  shown: readonly string[],
): string | undefined {
  const held = new Set(shown.flatMap((name) => (Object.hasOwn(matched, name) ? matched[name] : [])));
  return Object.keys(matched).find((name) => matched[name].some((word) => !held.has(word)));
}

/** Characters that an excerpt has before the word for which it is made. */
const BEFORE = 20;

/** A text from a little before a word on, so that the word is seen where little room is; whole where it is among the first. */
export function excerptFrom(text: string, word: string): string {
  const at = text.toLowerCase().indexOf(word);
  if (at <= BEFORE) return text;
  return `…${text.slice(text.lastIndexOf(' ', at - BEFORE / 2) + 1)}`;
}
