/**
 * Names as a line has room for them: cut between words, with an ellipsis, and still told apart. The whole names stay in the
 * data; a word is broken only where it is longer than the room by itself.
 */

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Marks that a name may be cut behind, beside white space. */
const JOINTS = /[\s_/,;:-]/u;

/** A name in at most `most` characters, as people count them: cut between words where it is longer, with "…" behind. */
export function cutName(name: string, most: number): string {
  if (name.length <= most) return name;
  const all = Array.from(letters.segment(name.slice(0, 20 * most)), ({ segment }) => segment);
  if (all.length <= most) return name.length <= 20 * most ? name : `${all.join('')}…`;
  let end = most - 1;
  while (end > 0 && !JOINTS.test(all[end])) end--;
  if (end === 0) end = most - 1; // one word, longer than all there is room for
  const whole = all
    .slice(0, end)
    .join('')
    .replace(/[\s_/,;:-]+$/u, '');
  return `${whole}…`;
}

/** Names of siblings, cut as far as they stay different: those that would be alike keep as much as it takes. */
export function cutNames(names: readonly string[], most: number): string[] {
  let shown = names.map((name) => cutName(name, most));
  const longest = Math.max(0, ...names.map((name) => name.length));
  for (let room = 2 * most; room < 2 * longest; room *= 2) {
    const times = new Map<string, number>();
    for (const name of shown) times.set(name, (times.get(name) ?? 0) + 1);
    if ([...times.values()].every((count) => count === 1)) break;
    shown = shown.map((name, i) => (times.get(name)! > 1 ? cutName(names[i], room) : name));
  }
  return shown;
}
