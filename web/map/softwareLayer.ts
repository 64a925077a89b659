/**
 * Draws the items into a picture, pixel by pixel, for machines without a graphics card: there WebGL is emulated, and
 * much slower than this. The isometry is written out, as it is applied to every item in every frame.
 */
import type { Points } from '../data/points.js';
import { fitCanvas, type PointLayer, pointSize } from './pointLayer.js';
import { createStamps } from './stamps.js';
import { diskRadius, type View, type Viewport } from './view.js';

/** Up to this many points are drawn at the resolution of the screen, more at one pixel for each CSS pixel. */
const MAX_FINE = 20_000;
/** Opacity from which a point covers what is below it. */
const OPAQUE = 128;
/** Smallest radius of a point, px. */
const LEAST = 0.75;

/** A layer of points on a canvas, drawn by this thread. */
export function softwareLayer(canvas: HTMLCanvasElement, { ids, x, y }: Points): PointLayer {
  const count = ids.length;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  let colours = new Uint32Array(count);
  let image = context.createImageData(1, 1);
  let pixels = new Uint32Array(image.data.buffer);
  let stamps = createStamps(1);
  /** Draws all points that are seen: those that cover what is below them, and the faint ones only where nothing is. */
  const drawPoints = ({ isometry: { ax, ay, bx, by }, scale }: View, radius: number, ratio: number) => {
    const { width, height } = image;
    const [cx, cy] = [width / 2, height / 2];
    const half = (pointSize(count, scale) / 2) * ratio;
    const margin = Math.ceil(Math.max(LEAST, half)) + 1;
    for (let i = 0; i < count; i++) {
      const u = x[i];
      const v = y[i];
      const nx = ax * u - ay * v + bx;
      const ny = ax * v + ay * u + by;
      const dx = bx * u + by * v + ax;
      const dy = bx * v - by * u - ay;
      const d = dx * dx + dy * dy;
      const zx = (nx * dx + ny * dy) / d;
      const zy = (ny * dx - nx * dy) / d;
      const px = cx + radius * zx;
      const py = cy - radius * zy;
      // Not so for NaN, the place of items that are not shown.
      if (!(px > -margin && py > -margin && px < width + margin && py < height + margin)) continue;
      const inwards = 1 - zx * zx - zy * zy;
      const size = half * (0.4 + 0.6 * Math.max(inwards, 0));
      const stamp = stamps.get(Math.max(size, LEAST), px, py);
      const colour = colours[i];
      const isOver = colour >>> 24 >= OPAQUE;
      const left = Math.floor(px);
      const top = Math.floor(py);
      if (left >= margin && top >= margin && left < width - margin && top < height - margin) {
        const at = top * width + left;
        const { offsets } = stamp;
        if (isOver) for (let k = 0; k < offsets.length; k++) pixels[at + offsets[k]] = colour;
        else
          for (let k = 0; k < offsets.length; k++)
            if (pixels[at + offsets[k]] === 0) pixels[at + offsets[k]] = colour;
        continue;
      }
      for (let k = 0; k < stamp.offsets.length; k++) {
        const column = left + stamp.columns[k];
        const row = top + stamp.rows[k];
        if (column < 0 || row < 0 || column >= width || row >= height) continue;
        const at = row * width + column;
        if (isOver || pixels[at] === 0) pixels[at] = colour;
      }
    }
  };
  return {
    setColours(next) {
      colours = new Uint32Array(next.slice().buffer);
    },
    setPlaces: () => undefined, // they are read again for every picture
    draw(view: View, viewport: Viewport) {
      const ratio = fitCanvas(canvas, viewport, count < MAX_FINE ? 2 : 1);
      const { width, height } = canvas;
      if (image.width !== width || image.height !== height) {
        image = context.createImageData(width, height);
        pixels = new Uint32Array(image.data.buffer);
        stamps = createStamps(width);
      } else pixels.fill(0);
      drawPoints(view, diskRadius(view, { width, height }), ratio);
      context.putImageData(image, 0, 0);
    },
    destroy: () => undefined,
  };
}
