/**
 * Draws the items into a picture, pixel by pixel, for machines without a graphics card: there WebGL is emulated, and
 * much slower than this.
 */
import type { Points } from '../data/points.js';
import { screenPlaces } from './hit.js';
import { fitCanvas, type PointLayer, pointSize } from './pointLayer.js';
import { diskRadius, type View, type Viewport } from './view.js';

/** Up to this many points are drawn at the resolution of the screen, more at one pixel for each CSS pixel. */
const MAX_FINE = 20_000;
/** Opacity from which a point covers what is below it. */
const OPAQUE = 128;

/** A layer of points on a canvas, drawn by this thread. */
export function softwareLayer(canvas: HTMLCanvasElement, points: Points): PointLayer {
  const count = points.ids.length;
  const places = new Float32Array(2 * count);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  let colours = new Uint32Array(count);
  let image = context.createImageData(1, 1);
  let pixels = new Uint32Array(image.data.buffer);
  const drawPoint = (px: number, py: number, r: number, colour: number) => {
    const covers = colour >>> 24 >= OPAQUE;
    const { width, height } = image;
    const [top, bottom] = [Math.max(0, Math.ceil(py - r)), Math.min(height - 1, Math.floor(py + r))];
    for (let row = top; row <= bottom; row++) {
      const half = Math.sqrt(r * r - (row - py) * (row - py));
      const right = Math.min(width - 1, Math.floor(px + half));
      for (let column = Math.max(0, Math.ceil(px - half)); column <= right; column++) {
        const at = row * width + column;
        if (covers || pixels[at] === 0) pixels[at] = colour;
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
      } else pixels.fill(0);
      const drawn = { width, height };
      screenPlaces(points, view, drawn, places);
      const size = (pointSize(count, view.scale) / 2) * ratio;
      const [cx, cy, reach] = [width / 2, height / 2, diskRadius(view, drawn) ** 2];
      for (let i = 0; i < count; i++) {
        const [px, py] = [places[2 * i], places[2 * i + 1]];
        if (!(px > -9 && py > -9 && px < width + 9 && py < height + 9)) continue;
        const inwards = Math.max(0, 1 - ((px - cx) ** 2 + (py - cy) ** 2) / reach);
        drawPoint(px, py, Math.max(0.75, size * (0.4 + 0.6 * inwards)), colours[i]);
      }
      context.putImageData(image, 0, 0);
    },
  };
}
