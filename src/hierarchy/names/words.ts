/**
 * The words of names and titles that can describe a group of things, and the phrases that they stand in: no numbers, codes or
 * words that join others. Which of them tell one group from another is not decided here.
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
const TECHNICAL =
  'class false gallery image img item jpeg jpg null photo png query test train true val valid webp';

const COMMON: ReadonlySet<string> = new Set([...JOINING, TECHNICAL].flatMap((line) => line.split(' ')));

/** Longest word that is one; longer ones are codes or addresses. */
const LONGEST = 28;
/** Words in a phrase at most: in a piece that may be a title, and in a longer one. */
const LONGEST_PHRASE = { ofTitles: 6, ofSentences: 2 };
/** Words in a piece that may be a title. */
const LONGEST_TITLE = 12;
/** Letters of a text that are looked at; a title has fewer, and what follows in a description says less. */
const LONGEST_TEXT = 2_000;

/** What parts a text into pieces; no phrase reaches over it. */
const BREAKS = /[,;:!?.()[\]{}|/\\"“”„«»\n\r\t]+|\s[-–—]\s/u;

/** Words of a text as they stand in it, each once, in lower case: `001.Black_footed_Albatross` has black, footed and albatross. */
export function wordsIn(text: string): string[] {
  return [...new Set(piecesOf(text).flatMap((piece) => piece.flatMap(({ key }) => (key ? [key] : []))))];
}

/**
 * Words and phrases of up to six neighbouring words (two in sentences), as they are written, by what they are in lower case. A phrase has neither
 * a word that joins others nor a number within.
 */
export function phrasesIn(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const piece of piecesOf(text)) {
    const most = piece.length <= LONGEST_TITLE ? LONGEST_PHRASE.ofTitles : LONGEST_PHRASE.ofSentences;
    for (let from = 0; from < piece.length; from++) {
      const keys: string[] = [];
      for (let to = from; to < Math.min(piece.length, from + most) && piece[to].key; to++) {
        keys.push(piece[to].key);
        const key = keys.join(' ');
        if (!found.has(key))
          found.set(
            key,
            piece
              .slice(from, to + 1)
              .map(({ written }) => written)
              .join(' '),
          );
      }
    }
  }
  return found;
}

/** Whether a text is an address, which describes nothing. */
export const isAddress = (text: string): boolean => /^[a-z][a-z\d+.-]*:\/\//i.test(text.trim());

/** A word as it is written, and in lower case; an empty key for what describes nothing. */
interface Word {
  readonly written: string;
  readonly key: string;
}

function piecesOf(text: string): Word[][] {
  if (isAddress(text)) return [];
  return text
    .slice(0, LONGEST_TEXT)
    .normalize('NFC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .split(BREAKS)
    .map((piece) =>
      piece
        .split(/[^\p{L}\p{M}\p{N}'’]+/u)
        .filter((written) => written !== '')
        .map((written) => ({ written, key: keyOf(written) })),
    );
}

function keyOf(word: string): string {
  const plain = word.toLowerCase();
  const isWord = /\p{L}/u.test(word) && !/\p{N}/u.test(word) && word.length <= LONGEST;
  const isShort = [...plain].length < 2 || (/^[a-z]+$/.test(plain) && plain.length < 3);
  return !isWord || isShort || COMMON.has(plain) ? '' : plain;
}
