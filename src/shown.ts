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

/** A number of things in words: `1 image`, `3 classes`, `1,000 queries`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural(noun)}`;
}

/** A ch at the end is soft, as in batch, but in words from Greek, as in epoch. */
const plural = (noun: string): string =>
  /(s|x|(?<!epo)ch|sh)$/.test(noun) ? `${noun}es` : noun.replace(/(?<![aeiou])y$/, 'ie').concat('s');
