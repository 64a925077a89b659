/**
 * Score blocks: the inner products of some query rows with some gallery rows, by one matrix product of fixed
 * shape on ONNX Runtime. Whoever walks over all blocks needs the memory of one. Rows are coordinates.
 */
import { buildModel, gemm, input, openSession, type Session, type SessionOptions } from '../graph/index.js';
import { type Coordinates, paddingRow } from './coordinates.js';

/** Consecutive rows `[from, to)`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A fixed-size copy of consecutive rows that an engine can be fed; the rest is padding rows. */
export interface Window {
  readonly data: Float32Array;
  /** Fills it with rows; nothing happens when it holds them already. */
  load(span: Span): void;
}

/**
 * A window of `size` rows onto `rows`. As queries, their heights carry the minus sign of the score.
 * (The engine does not take shared memory, so blocks are copied; that costs 2 % of their product.)
 */
export function windowOnto(rows: Coordinates, size: number, role: 'query' | 'gallery'): Window {
  const { dim: width, height, values } = rows;
  const data = new Float32Array(size * width);
  const padding = paddingRow(rows);
  let held: Span = { from: 0, to: -1 };
  return {
    data,
    load({ from, to }) {
      if (held.from === from && held.to === to) return;
      held = { from, to };
      data.set(values.subarray(from * width, to * width));
      for (let row = to - from; row < size; row++) data.set(padding, row * width);
      if (role === 'query') for (let at = height; at < data.length; at += width) data[at] = -data[at];
    },
  };
}

/** Computes score blocks. Owns a session: call `close()`. */
export interface Products {
  /** Rows of a query block, and of a gallery block; the scores' row length. */
  readonly rows: number;
  readonly columns: number;
  /**
   * Scores `[rows, columns]` of the spans, which hold at most `rows` and `columns` rows. What lies beyond them is padding.
   */
  multiply(queries: Span, gallery: Span): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Score blocks of `queries` against `gallery`, at most `rows` × `columns`. */
export async function openProducts(
  queries: Coordinates,
  gallery: Coordinates,
  block: { readonly rows: number; readonly columns: number },
  engine?: SessionOptions['engine'],
): Promise<Products> {
  const rows = Math.min(block.rows, queries.count);
  const columns = Math.min(block.columns, gallery.count);
  const a = input('a', [rows, queries.dim]);
  const b = input('b', [columns, queries.dim]);
  const session: Session = await openSession(
    buildModel({ outputs: { scores: gemm(a, b, { transB: true }) } }),
    { ...(engine ? { engine } : {}), threads: 1 },
  );
  const ofQueries = windowOnto(queries, rows, 'query');
  const ofGallery = windowOnto(gallery, columns, 'gallery');
  return {
    rows,
    columns,
    async multiply(querySpan, gallerySpan) {
      ofQueries.load(querySpan);
      ofGallery.load(gallerySpan);
      const { scores } = await session.run({ a: ofQueries.data, b: ofGallery.data });
      return scores as Float32Array;
    },
    close: () => session.close(),
  };
}

/** `count` rows as spans of at most `size`. */
export function spans(count: number, size: number): Span[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => ({
    from: i * size,
    to: Math.min((i + 1) * size, count),
  }));
}
