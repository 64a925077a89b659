/**
 * What is done to the numbers of features one by one, before any matrix: rows are brought to length 1, and where a closed form
 * asks for it to a power, with their signs kept.
 */
import { type Rows, rowAt } from '../rows.js';

/** Rows scaled to length 1; a row of zeros stays. `[N, D]`. */
export function unitRows(rows: Rows): Rows {
  const values = new Float32Array(rows.values.length);
  for (let i = 0; i < values.length / rows.dim; i++) {
    const row = rowAt(rows, i);
    // Squares of numbers near the end of what a float32 holds are too much for it, but not for a double.
    let squares = 0;
    for (const value of row) squares += value * value;
    const scale = 1 / Math.max(Math.sqrt(squares), 1e-12);
    for (let k = 0; k < row.length; k++) values[i * rows.dim + k] = row[k] * scale;
  }
  return { values, dim: rows.dim };
}

/**
 * sign(x) |x|^p of every number, in rows of length 1 again, `[N, D]`: with p below 1 few large numbers count for less, as in
 * counts and in what a network has behind a ReLU (Perronnin, Sánchez and Mensink 2010).
 */
export function poweredRows({ values, dim }: Rows, power: number): Rows {
  const powered = values.map((value) => Math.sign(value) * Math.abs(value) ** power);
  return unitRows({ values: powered, dim });
}
