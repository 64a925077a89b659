/**
 * The words of a text as they are looked for: whatever the case and the form of its characters, in any script. Scripts that
 * write no spaces are cut into pairs of characters, as search engines do without a dictionary.
 */

/** Characters of a text that are looked at: what follows in a description of this length says little more. */
const LONGEST = 20_000;
/** Longer words are codes, of which the beginning tells. */
const LONGEST_WORD = 64;
/** Half a character beyond U+FFFF at the end of what was cut: no text that is kept may hold one. */
const HALF = /[\ud800-\udbff]$/;

const RUNS = /[\p{L}\p{M}\p{N}]+|\p{Extended_Pictographic}/gu;
/** Scripts that are written without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;

/** Texts of which a plainer and faster look finds the same words. */
const ASCII = /^\p{ASCII}*$/u;
const ASCII_RUNS = /[a-z0-9]+/g;

/** Words of a text in their order, with repeats; `single` adds the single characters of scripts without spaces. */
export function textWords(text: string, { single = false }: { readonly single?: boolean } = {}): string[] {
  const start = text.slice(0, LONGEST);
  if (ASCII.test(start)) return (start.toLowerCase().match(ASCII_RUNS) ?? []).map(cut);
  const plain = start.normalize('NFKC').toLowerCase();
  const words: string[] = [];
  for (const [run] of plain.matchAll(RUNS)) {
    let from = 0;
    for (const { 0: part, index } of run.matchAll(UNSPACED)) {
      if (index > from) words.push(cut(run.slice(from, index)));
      words.push(...pairsOf([...part], single));
      from = index + part.length;
    }
    if (from < run.length) words.push(cut(run.slice(from)));
  }
  return words;
}

const cut = (word: string) =>
  word.length > LONGEST_WORD ? word.slice(0, LONGEST_WORD).replace(HALF, '') : word;

function pairsOf(characters: readonly string[], single: boolean): string[] {
  const pairs = characters.slice(1).map((character, i) => characters[i] + character);
  return single || characters.length === 1 ? [...characters, ...pairs] : pairs;
}
