/**
 * Draws the items into a picture, pixel by pixel, for machines without a graphics card: their WebGL is emulated, and
 * slower than this by far.
 */
import type { Points } from './collection.js';
import { fit, type PointLayer, pointSize } from './gl.js';
import { screenPlaces } from './hit.js';
import { type Frame, radius, type View } from './view.js';

/** Up to so many points are drawn as finely as the screen is. */
const FEW = 20_000;
/** Opacity from which a point covers what is below it. */
const COVERS = 128;

/** A layer of points on a canvas, drawn by this thread. */
export function flatLayer(canvas: HTMLCanvasElement, points: Points): PointLayer {
  const count = points.ids.length;
  const places = new Float32Array(2 * count);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  let colours = new Uint32Array(count);
  let image = context.createImageData(1, 1);
  let pixels = new Uint32Array(image.data.buffer);
  const splat = (px: number, py: number, r: number, colour: number) => {
    const covers = colour >>> 24 >= COVERS;
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
    method: 'software',
    setColours(next) {
      colours = new Uint32Array(next.slice().buffer);
    },
    setPlaces: () => undefined, // they are read anew for every picture
    draw(view: View, frame: Frame) {
      const ratio = fit(canvas, frame, count < FEW ? 2 : 1);
      const { width, height } = canvas;
      if (image.width !== width || image.height !== height) {
        image = context.createImageData(width, height);
        pixels = new Uint32Array(image.data.buffer);
      } else pixels.fill(0);
      const drawn = { width, height };
      screenPlaces(points, view, drawn, places);
      const size = (pointSize(count, view.scale) / 2) * ratio;
      const [cx, cy, reach] = [width / 2, height / 2, radius(view, drawn) ** 2];
      for (let i = 0; i < count; i++) {
        const [px, py] = [places[2 * i], places[2 * i + 1]];
        if (!(px > -9 && py > -9 && px < width + 9 && py < height + 9)) continue;
        const inwards = Math.max(0, 1 - ((px - cx) ** 2 + (py - cy) ** 2) / reach);
        splat(px, py, Math.max(0.75, size * (0.4 + 0.6 * inwards)), colours[i]);
      }
      context.putImageData(image, 0, 0);
    },
  };
}
