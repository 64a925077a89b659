/**
 * Which column of a list titles its items, by its name: for the page, which shows it above an item, and for the names of a tree's
 * nodes alike.
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
