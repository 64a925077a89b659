/** The words of names and titles that can describe a group of things: no numbers, codes or words that join others. */

/** Words that say nothing about what something is. */
const COMMON = new Set(
  'a an and are as at be by de del der die das des du el en et for from in into is it la le les los of on or per si the to un una und une von with y x image img photo png jpg jpeg webp item class null train test val valid query gallery'.split(
    ' ',
  ),
);

/** Longest word that is one; longer ones are codes or addresses. */
const LONGEST = 28;

/** Words of a text as they stand in it, each once: `001.Black_footed_Albatross` has Black, footed and Albatross. */
export function wordsIn(text: string): string[] {
  if (/^[a-z]+:\/\//i.test(text)) return [];
  const words = text
    .normalize('NFC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .split(/[^\p{L}\p{M}\p{N}'’]+/u);
  const seen = new Set<string>();
  return words.flatMap((word) => {
    const plain = word.toLowerCase();
    const isWord = /\p{L}/u.test(word) && !/\p{N}/u.test(word) && word.length <= LONGEST;
    const isShort = [...plain].length < 2 || (/^[a-z]+$/.test(plain) && plain.length < 3);
    if (!isWord || isShort || COMMON.has(plain) || seen.has(plain)) return [];
    seen.add(plain);
    return [plain];
  });
}
