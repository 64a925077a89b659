/**
 * A picture of rows of images: the first one apart, such as a query, and what belongs to it after it, such as its
 * neighbours, framed by whether they share its class. Captions need a font on the system; without one the pictures
 * and frames remain.
 */
import type { OverlayOptions } from 'sharp';
import { UsageError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import { textLines, textWidth } from './captions.js';
import { decodeFile } from './decode.js';
import { fitSquare } from './fit.js';
import { loadSharp } from './sharp.js';

/** A query and what was found, nearest first. */
export interface ContactSheetRow {
  readonly query: { readonly path: string; readonly caption: string };
  readonly results: readonly {
    readonly path: string;
    readonly caption: string;
    /** Whether the class is that of the query; absent when it is not known. */
    readonly correct?: boolean | undefined;
  }[];
}

/** The look of a sheet. */
export interface ContactSheetOptions {
  /** Line above the rows. */
  readonly title?: string | undefined;
  /** Smaller line under the title. */
  readonly subtitle?: string | undefined;
  /** Pixels of the square thumbnails, 32 to 512. Default 104. */
  readonly thumbnail?: number | undefined;
  /** What the frames mean, where the sheet is not of a search. */
  readonly legend?: Partial<Readonly<Record<FrameKind, string>>> | undefined;
}

/** Frames: the first image of a row; results of its class, of another, and of a class that is not known. */
export type FrameKind = 'query' | 'same' | 'other' | 'unknown';

const COLOURS: Readonly<Record<FrameKind, string>> = {
  query: '#1f2933',
  same: '#2f9e5f',
  other: '#d64550',
  unknown: '#a7b0ba',
};
const TEXT = '#1f2933';
const FAINT = '#66727f';
const LEGEND: Readonly<Record<FrameKind, string>> = {
  query: 'query',
  same: 'same class',
  other: 'another class',
  unknown: 'class not known',
};
const FONT = 'font-family="Inter, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"';
const MARGIN = 28;
const FRAME = 4;
const GAP = 14;
const QUERY_GAP = 26;
const CAPTION_HEIGHT = 24;
const CAPTION_SIZE = 11;
/** Lines of a caption, and their distance, px: two have room between a row and the next. */
const CAPTION_LINES = 2;
const CAPTION_STEP = 13;
/** Longest side of what the SVG renderer draws, px. */
const MOST_SIDE = 32_767;

/** A framed thumbnail at its place. */
interface Cell {
  readonly x: number;
  readonly y: number;
  readonly path: string;
  readonly caption: string;
  readonly kind: FrameKind;
}

/**
 * Writes the sheet as a PNG. Thumbnails show the whole image on white.
 * Throws UsageError without rows or with more than fit, DataError that names an unreadable image, HierError when it cannot be written.
 */
export async function writeContactSheet(
  path: string,
  rows: readonly ContactSheetRow[],
  options: ContactSheetOptions = {},
): Promise<void> {
  const { title, subtitle, thumbnail = 104 } = options;
  if (rows.length === 0) throw new UsageError('A contact sheet needs at least one query.');
  if (!Number.isInteger(thumbnail) || thumbnail < 32 || thumbnail > 512)
    throw new UsageError(`Thumbnails must be 32 to 512 pixels, not ${thumbnail}.`);

  const top = MARGIN + (title ? 28 : 0) + (subtitle ? 20 : 0) + (title || subtitle ? 12 : 0);
  const cells = layOut(rows, top, thumbnail);
  const pitch = thumbnail + 2 * FRAME;
  const kinds = new Set(cells.map((cell) => cell.kind));
  const meanings = Object.entries({ ...LEGEND, ...options.legend }) as [FrameKind, string][];
  const legend = meanings.filter(([kind]) => kinds.has(kind));
  const width = Math.max(440, ...cells.map((cell) => cell.x + pitch)) + MARGIN;
  const legendY = top + rows.length * (pitch + CAPTION_HEIGHT + GAP) + 8;
  const height = legendY + MARGIN;
  if (Math.max(width, height) > MOST_SIDE)
    throw new UsageError(
      `A contact sheet of ${rows.length} rows would have ${width} × ${height} pixels; at most ${MOST_SIDE} can be drawn either way. Give fewer images at a time.`,
    );

  const parts = [`<rect width="${width}" height="${height}" fill="#fff"/>`];
  if (title) parts.push(textAt(MARGIN, MARGIN + 18, 20, TEXT, lineOf(title, 20, width, true), 'bold'));
  if (subtitle)
    parts.push(textAt(MARGIN, MARGIN + (title ? 40 : 12), 13, FAINT, lineOf(subtitle, 13, width, false)));
  parts.push(...cells.map((cell) => frameOf(cell, pitch)), ...legendOf(legend, legendY));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`;
  const overlays: OverlayOptions[] = [];
  for (const cell of cells) overlays.push(await thumbnailOf(cell, thumbnail));
  const sharp = await loadSharp();
  const png = await sharp(Buffer.from(svg)).composite(overlays).removeAlpha().png().toBuffer();
  writeFileAtomic(path, png);
}

/** A line that has room between the margins of a sheet. */
const lineOf = (text: string, size: number, width: number, isBold: boolean) =>
  textLines(text, width - 2 * MARGIN, { size, isBold })[0] ?? '';

/** Where every thumbnail goes. */
function layOut(rows: readonly ContactSheetRow[], top: number, thumbnail: number): Cell[] {
  const pitch = thumbnail + 2 * FRAME;
  return rows.flatMap(({ query, results }, row) => {
    const y = top + row * (pitch + CAPTION_HEIGHT + GAP);
    const first = MARGIN + pitch + QUERY_GAP;
    return [
      { ...query, x: MARGIN, y, kind: 'query' as const },
      ...results.map(({ path, caption, correct }, column) => ({
        path,
        caption,
        x: first + column * (pitch + GAP),
        y,
        kind: correct === undefined ? ('unknown' as const) : correct ? ('same' as const) : ('other' as const),
      })),
    ];
  });
}

async function thumbnailOf({ path, x, y }: Cell, side: number): Promise<OverlayOptions> {
  const { data } = fitSquare(await decodeFile(path), side, { fit: 'contain' });
  return {
    input: Buffer.from(data),
    raw: { width: side, height: side, channels: 3 },
    left: x + FRAME,
    top: y + FRAME,
  };
}

/** The frame around a thumbnail and the caption under it. */
function frameOf({ x, y, caption, kind }: Cell, pitch: number): string {
  const inset = FRAME / 2;
  const size = pitch - FRAME;
  return (
    `<rect x="${x + inset}" y="${y + inset}" width="${size}" height="${size}" rx="3" fill="#fff" ` +
    `stroke="${COLOURS[kind]}" stroke-width="${FRAME}"/>` +
    captionOf({ x, y, caption, kind }, pitch)
  );
}

/** A caption in the middle under a frame, in as many lines as it needs and may have; cut off where it would reach the next. */
function captionOf(
  { x, y, caption, kind }: Pick<Cell, 'x' | 'y' | 'caption' | 'kind'>,
  pitch: number,
): string {
  const isBold = kind === 'query';
  const width = kind === 'query' ? pitch + QUERY_GAP / 2 : pitch + GAP - 4;
  const lines = textLines(caption, width, { size: CAPTION_SIZE, isBold }, CAPTION_LINES);
  const colour = isBold ? TEXT : FAINT;
  const weight = isBold ? 'bold' : 'normal';
  const texts = lines.map((line, i) =>
    textAt(width / 2, 12 + i * CAPTION_STEP, CAPTION_SIZE, colour, line, weight, 'middle'),
  );
  const height = CAPTION_HEIGHT + GAP - 2;
  return `<svg x="${x + (pitch - width) / 2}" y="${y + pitch + 1}" width="${width}" height="${height}">${texts.join('')}</svg>`;
}

function legendOf(entries: readonly (readonly [FrameKind, string])[], y: number): string[] {
  let x = MARGIN;
  return entries.map(([kind, label]) => {
    const part =
      `<rect x="${x + 1.5}" y="${y - 8.5}" width="11" height="11" rx="2" fill="none" ` +
      `stroke="${COLOURS[kind]}" stroke-width="3"/>${textAt(x + 21, y + 1, 12, FAINT, label)}`;
    x += 44 + textWidth(label, { size: 12 });
    return part;
  });
}

function textAt(
  x: number,
  y: number,
  size: number,
  colour: string,
  text: string,
  weight = 'normal',
  anchor = 'start',
): string {
  return (
    `<text x="${x}" y="${y}" ${FONT} font-size="${size}" font-weight="${weight}" fill="${colour}" ` +
    `text-anchor="${anchor}">${escapeXml(text)}</text>`
  );
}

/** Text as XML content; characters that XML forbids are dropped. */
function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text
    .replace(/\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu, '')
    .replace(/[&<>"]/g, (character) => entities[character]);
}
