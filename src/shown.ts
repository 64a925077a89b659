/**
 * Text from data as a terminal may be shown it. A label, a name or a path can hold what moves the cursor, turns the
 * direction of writing or begins a line; here such characters become visible, as JSON writes them (`\u001b`). It changes
 * what is shown and nothing that is kept.
 */

/** Control characters but the line feed; marks that turn the direction of writing; line and paragraph separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be shown
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A text of several lines: everything but its line feeds is made visible. */
export const shownText = (text: string): string => text.replace(HIDDEN, escaped);

/** A text that stands on one line, such as a label in a table: line feeds are made visible as well. */
export const shownLine = (text: string): string => shownText(text).replaceAll('\n', '\\n');

/** A character as a JSON text writes it: `\t`, `\u001b`. */
function escaped(character: string): string {
  const short = JSON.stringify(character).slice(1, -1);
  return short.length > 1 ? short : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Characters that take two places of a terminal beside emoji: East Asian Width W and F (UAX 11). */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;
/** Those that take none: marks upon others, joiners, and vowels and ends of Korean syllables. */
const NONE = /(?!\u00ad)[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;
/** What is drawn as an emoji, whatever it is made of. */
const EMOJI = /\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;
/** Text of which every character takes one place. */
const PLAIN = /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2500-\u257f]*$/;
const clusters = new Intl.Segmenter('en');

const widthOfCluster = (cluster: string): number =>
  EMOJI.test(cluster)
    ? 2
    : [...cluster].reduce((sum, one) => sum + (NONE.test(one) ? 0 : WIDE.test(one) ? 2 : 1), 0);

/** Places that a line of text takes on a terminal: two for each Chinese or Japanese character and each emoji. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of clusters.segment(text)) width += widthOfCluster(segment);
  return width;
}

/** As much of a line from its beginning as takes at most `most` places; no character is cut. */
export function cutToWidth(text: string, most: number): string {
  if (PLAIN.test(text)) return text.slice(0, Math.max(0, most));
  let [width, end] = [0, 0];
  for (const { segment, index } of clusters.segment(text)) {
    width += widthOfCluster(segment);
    if (width > most) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

/** A line with as many spaces behind it that it takes `width` places; as it is where it takes more. */
export const padTo = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** A number of things in words: `1 image`, `3 classes`, `1,000 queries`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural(noun)}`;
}

/** A ch at the end is soft, as in batch, but in words from Greek, as in epoch. */
const plural = (noun: string): string =>
  /(s|x|(?<!epo)ch|sh)$/.test(noun) ? `${noun}es` : noun.replace(/(?<![aeiou])y$/, 'ie').concat('s');
