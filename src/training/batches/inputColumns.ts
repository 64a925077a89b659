/**
 * What a network is fed with, one row an image, and how rows become the inputs of its models. Rows of one input are that
 * input; rows of several have their numbers one after the other.
 */
import { type Model, OPEN } from '../../graph/index.js';

/** An input of a model that is not one of the network's arrays, and how many numbers an image has in it. */
export interface InputColumn {
  readonly name: string;
  readonly width: number;
}

/** The inputs of an evaluation model that are fed with data, in the order that they have in a row. */
export function inputColumns(
  { inputs }: Pick<Model, 'inputs'>,
  arrays: Iterable<{ readonly name: string }>,
): InputColumn[] {
  const known = new Set([...arrays].map(({ name }) => name));
  return Object.entries(inputs)
    .filter(([name]) => !known.has(name))
    .map(([name, { shape }]) => ({
      name,
      width: shape.reduce((product, n) => (n === OPEN ? product : product * n), 1),
    }));
}

/** How many numbers a row has. */
export function rowWidth(columns: readonly InputColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0);
}

/** Rows as the inputs of a model. */
export function cutColumns(
  rows: Float32Array,
  columns: readonly InputColumn[],
): Record<string, Float32Array> {
  if (columns.length === 1) return { [columns[0].name]: rows };
  const whole = rowWidth(columns);
  const count = rows.length / whole;
  const parts: Record<string, Float32Array> = {};
  let from = 0;
  for (const { name, width } of columns) {
    const part = (parts[name] = new Float32Array(count * width));
    for (let i = 0; i < count; i++)
      part.set(rows.subarray(i * whole + from, i * whole + from + width), i * width);
    from += width;
  }
  return parts;
}

/** The other way: outputs of a model, by the names of the columns, as rows. */
export function joinColumns(
  parts: Readonly<Record<string, unknown>>,
  columns: readonly InputColumn[],
): Float32Array {
  if (columns.length === 1) return parts[columns[0].name] as Float32Array;
  const whole = rowWidth(columns);
  const count = (parts[columns[0].name] as Float32Array).length / columns[0].width;
  const rows = new Float32Array(count * whole);
  let from = 0;
  for (const { name, width } of columns) {
    const part = parts[name] as Float32Array;
    for (let i = 0; i < count; i++) rows.set(part.subarray(i * width, (i + 1) * width), i * whole + from);
    from += width;
  }
  return rows;
}
