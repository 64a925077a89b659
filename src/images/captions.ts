/**
 * Lines of text that fit a width, for pictures whose font is not known: reckoned with the letters of DejaVu Sans, the widest of
 * the fonts that are asked for, so that a narrower one leaves room and none runs into what stands beside. Nothing is drawn here.
 */

/** Widths of letters, thousandths of the size of the font; of each kind the widest common one. */
const WIDTHS: readonly (readonly [letters: RegExp, width: number])[] = [
  [/[ijl.,:;'|!I]/, 325],
  [/[\s\-ftr()[\]{}/\\"]/, 420],
  [/[a-ln-vx-z]/, 636],
  [/[0-9$#?*+=<>~^_]/, 700],
  [/[mwMW@%&]/, 990],
  [/[A-Z]/, 780],
  [/[\u0080-\u10ff]/u, 800],
];
/** Of letters of other scripts, and signs. */
const WIDEST = 1100;
/** How much wider bold letters are. */
const BOLD = 1.15;

/** How text is set. */
export interface TextLook {
  /** Of the font, px. */
  readonly size: number;
  readonly isBold?: boolean;
}

/** Width that a line has at most, px. */
export function textWidth(text: string, { size, isBold = false }: TextLook): number {
  let sum = 0;
  for (const letter of text) sum += WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? WIDEST;
  return ((isBold ? BOLD : 1) * size * sum) / 1000;
}

/**
 * Text as at most `most` lines of a width in px, broken after spaces, hyphens, slashes and underscores, or within a word that
 * has no room. What has none ends with an ellipsis.
 */
export function textLines(text: string, width: number, look: TextLook, most = 1): string[] {
  const lines: string[] = [];
  let rest = [...text.trim()];
  while (rest.length > 0 && lines.length < most) {
    const isLast = lines.length === most - 1;
    const fits = fitting(rest, width, look);
    if (fits === rest.length) {
      lines.push(rest.join(''));
      break;
    }
    if (isLast) {
      const cut = fitting([...rest, '…'], width - textWidth('…', look), look);
      lines.push(`${rest.slice(0, Math.max(1, cut)).join('').trimEnd()}…`);
      break;
    }
    const breaks = rest.slice(0, fits).findLastIndex((letter) => /[\s\-/_]/.test(letter)) + 1;
    const end = Math.max(1, breaks > fits / 3 ? breaks : fits);
    lines.push(rest.slice(0, end).join('').trimEnd());
    rest = [...rest.slice(end).join('').trimStart()];
  }
  return lines;
}

/** How many letters, from the first, have room. */
function fitting(letters: readonly string[], width: number, look: TextLook): number {
  let count = 0;
  for (let sum = 0; count < letters.length; count++) {
    sum += textWidth(letters[count], look);
    if (sum > width) break;
  }
  return count;
}
