/**
 * The words of names and titles that can describe a group of things: no numbers, codes or words that join others. Which of
 * them tell one group from another is not decided here.
 */

/** Words that join others, in the languages of most catalogues; they say nothing about what something is. */
const JOINING = [
  'a an and are as at be by for from in into is it of on or per the to with', // English
  'am auf aus bei das der des die ein eine für im mit und von zu zum zur', // German
  'au aux avec de des du en et la le les ou par pour sur un une', // French
  'con del el en las los para por si una y', // Spanish
  'da di il lo per tra', // Italian
  'het met voor', // Dutch
  'och med', // Swedish
];

/** Words of files, lists and splits, which things of all kinds have. */
const TECHNICAL = 'class gallery image img item jpeg jpg null photo png query test train val valid webp';

const COMMON: ReadonlySet<string> = new Set([...JOINING, TECHNICAL].flatMap((line) => line.split(' ')));

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
