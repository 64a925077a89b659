/**
 * The pixels of round points, made once for each size and each place within a pixel and then only copied: what a picture of
 * many thousand points spends its time on. Where points are is not known here.
 */

/** Steps of a pixel in which places within it are told apart, and steps of a radius. */
const PARTS = 4;

/** The pixels of a point, counted from the pixel that its centre lies in. */
export interface Stamp {
  readonly columns: Int16Array;
  readonly rows: Int16Array;
  /** The same in a picture of the stamps' width, as one number. */
  readonly offsets: Int32Array;
}

/** Stamps by radius and by the place of the centre, px. */
export interface Stamps {
  get(radius: number, x: number, y: number): Stamp;
}

/** Makes the stamps for pictures `width` px wide. */
export function createStamps(width: number): Stamps {
  const kept: (Stamp | undefined)[] = [];
  return {
    get(radius, x, y) {
      const size = Math.round(PARTS * radius);
      const right = Math.floor(PARTS * (x - Math.floor(x)));
      const down = Math.floor(PARTS * (y - Math.floor(y)));
      const key = (size * PARTS + right) * PARTS + down;
      return (kept[key] ??= stampOf(size / PARTS, (right + 0.5) / PARTS, (down + 0.5) / PARTS, width));
    },
  };
}

/** The pixels whose middle is at most `radius` from a centre within the pixel (0, 0): at least that pixel itself. */
function stampOf(radius: number, x: number, y: number, width: number): Stamp {
  const columns: number[] = [];
  const rows: number[] = [];
  const reach = Math.ceil(radius) + 1;
  for (let row = -reach; row <= reach; row++)
    for (let column = -reach; column <= reach; column++)
      if ((column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2 <= radius * radius) {
        columns.push(column);
        rows.push(row);
      }
  if (columns.length === 0) {
    columns.push(0);
    rows.push(0);
  }
  return {
    columns: Int16Array.from(columns),
    rows: Int16Array.from(rows),
    offsets: Int32Array.from(columns, (column, i) => rows[i] * width + column),
  };
}
