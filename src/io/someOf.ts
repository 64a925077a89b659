/** Long lists in messages. */

/** The first few of `names`, and how many more there are: `a, b and 12 more`. */
export function someOf(names: readonly string[], limit = 5): string {
  const rest = names.length - limit;
  return names.slice(0, limit).join(', ') + (rest > 0 ? ` and ${rest.toLocaleString('en')} more` : '');
}
