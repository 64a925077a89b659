/**
 * SVG as text, by a few small functions: elements, numbers, escaping, the width of a line of text. The same
 * arguments give the same bytes. What is drawn, and in which colours, is decided elsewhere.
 */

/** Values of attributes; `undefined` leaves one out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with its content, which must be SVG already. */
export function element(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? fixed(value) : escapeXml(String(value))}"`)
    .join('');
  return content.length > 0 ? `<${name}${written}>${content.join('')}</${name}>` : `<${name}${written}/>`;
}

/** A drawing. `title` is what a screen reader says. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** SVG. */
  readonly content: string;
}

/** A drawing as a document; it keeps its proportions at any width. */
export function svgDocument({ width, height, title, content }: Drawing): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${fixed(width)} ${fixed(height)}`,
      role: 'img',
      'aria-label': title,
    },
    content,
  );
}

/** Look of a line of text. */
export interface TextLook {
  readonly size: number;
  readonly fill: string;
  readonly weight?: 'normal' | 'bold' | undefined;
  readonly anchor?: 'start' | 'middle' | 'end' | undefined;
  /** Degrees about its place. */
  readonly turn?: number | undefined;
}

/** Text behind a text, wherever that ends in the reader's font. */
export interface TextAfter {
  readonly content: string;
  readonly size: number;
  readonly fill: string;
  /** Distance, px. */
  readonly apart: number;
}

/** The family of all texts: what is likely there, narrow differences in width. */
export const FONT = 'Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif';

/** A line of text at a baseline; `after` is said right behind it, in another look. */
export function text(x: number, y: number, content: string, look: TextLook, after?: TextAfter): string {
  const { size, fill, weight, anchor, turn } = look;
  const behind = after && {
    ...{ dx: after.apart, fill: after.fill },
    ...{ 'font-size': after.size, 'font-weight': weight === 'bold' ? 400 : undefined },
  };
  return element(
    'text',
    {
      ...{ x, y, fill },
      'font-size': size,
      'font-weight': weight === 'bold' ? 600 : undefined,
      'text-anchor': anchor === 'start' ? undefined : anchor,
      transform: turn === undefined ? undefined : `rotate(${fixed(turn)} ${fixed(x)} ${fixed(y)})`,
    },
    escapeXml(content),
    ...(behind ? [element('tspan', behind, escapeXml(after.content))] : []),
  );
}

/** A number with at most two decimals, the same on every machine. */
export function fixed(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`a figure has the coordinate ${value}`);
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

/** Points as the `d` of a path. */
export function pathThrough(points: readonly (readonly [x: number, y: number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${fixed(x)} ${fixed(y)}`).join('');
}

/** Text as content or attribute of XML and HTML; characters that XML forbids are dropped. */
export function escapeXml(content: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return content
    .replace(/[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/gu, '')
    .replace(/[&<>"']/g, (character) => entities[character]);
}

/** Mean widths of letters in units of the size, by kind. */
const NARROW = /[ijlIft.,:;'|!()[\]{} ]/;
const WIDE = /[mwMW@%—–]/;
const CAPITAL = /[A-HJ-LN-VX-Z0-9]/;

/** About how wide a line is. */
export function widthOf(content: string, size: number): number {
  let width = 0;
  for (const letter of content)
    width += NARROW.test(letter) ? 0.3 : WIDE.test(letter) ? 0.88 : CAPITAL.test(letter) ? 0.66 : 0.56;
  return width * size;
}

/** A line shortened to a width, with an ellipsis: between words, unless one word is wider than a third of it. */
export function fitted(content: string, size: number, width: number): string {
  if (widthOf(content, size) <= width) return content;
  let letters = [...content];
  while (letters.length > 1 && widthOf(`${letters.join('')}…`, size) > width) letters = letters.slice(0, -1);
  const cut = letters.join('');
  const next = [...content][letters.length];
  const whole = /[\s_/-]/.test(next) ? cut : cut.replace(/[\s_/-][^\s_/-]*$/, '');
  const shown = widthOf(whole, size) >= width / 3 ? whole : cut;
  return `${shown.replace(/[\s,;:_/-]+$/, '')}…`;
}

/**
 * A text in lines of at most a width, whole: broken behind blanks and the marks that join the words of a name, within a
 * word only where it is wider than a line. At least one line.
 */
export function wrappedLines(content: string, size: number, width: number): string[] {
  const lines: string[] = [''];
  const add = (piece: string): void => {
    const line = lines[lines.length - 1];
    if (widthOf((line + piece).trimEnd(), size) <= width) lines[lines.length - 1] = line + piece;
    else if (line === '') {
      for (const letter of piece) {
        const last = lines[lines.length - 1];
        if (last !== '' && widthOf(last + letter, size) > width) lines.push(letter);
        else lines[lines.length - 1] = last + letter;
      }
    } else {
      lines.push('');
      add(piece);
    }
  };
  for (const piece of content.match(/[^\s_./-]*[\s_./-]+|[^\s_./-]+/g) ?? []) add(piece);
  return lines.map((line) => line.trim());
}
