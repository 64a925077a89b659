/** A decoded image: plain RGB bytes in memory, and the operations that only move pixels. */

/** An RGB image of 8 bits a channel, rows from the top, `[height, width, 3]`. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** `height · width · 3` bytes; may be a view of a SharedArrayBuffer. */
  readonly data: Uint8Array;
}

/** The rectangle of `width` × `height` pixels at (`left`, `top`), which must lie inside the raster. */
export function crop(raster: Raster, left: number, top: number, width: number, height: number): Raster {
  if (left < 0 || top < 0 || left + width > raster.width || top + height > raster.height)
    throw new RangeError(
      `crop ${width}×${height} at (${left}, ${top}) exceeds the raster of ${raster.width}×${raster.height}`,
    );
  if (width === raster.width && height === raster.height) return raster;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * raster.width + left) * 3;
    data.set(raster.data.subarray(start, start + width * 3), y * width * 3);
  }
  return { width, height, data };
}

/** The raster in the middle of a white square of `side` pixels; it must fit into it. */
export function padToSquare(raster: Raster, side: number): Raster {
  const { width, height } = raster;
  if (width === side && height === side) return raster;
  const left = Math.floor((side - width) / 2);
  const top = Math.floor((side - height) / 2);
  const data = new Uint8Array(side * side * 3).fill(255);
  for (let y = 0; y < height; y++) {
    const row = raster.data.subarray(y * width * 3, (y + 1) * width * 3);
    data.set(row, ((top + y) * side + left) * 3);
  }
  return { width: side, height: side, data };
}
