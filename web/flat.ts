/**
 * Draws the items into a picture, pixel by pixel, for machines without a graphics card: their WebGL is emulated, and
 * slower than this by far.
 */
import type { Points } from './collection.js';
import { fit, type PointLayer, pointSize } from './gl.js';
import { type Frame, radius, type View } from './view.js';

/** Up to so many points are drawn as finely as the screen is. */
const FEW = 20_000;
/** Opacity from which a point covers what is below it. */
const COVERS = 128;

/** A layer of points on a canvas, drawn by this thread. */
export function flatLayer(canvas: HTMLCanvasElement, { x, y }: Points): PointLayer {
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  let colours = new Uint32Array(x.length);
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
    draw(view: View, frame: Frame) {
      const ratio = fit(canvas, frame, x.length < FEW ? 2 : 1);
      if (image.width !== canvas.width || image.height !== canvas.height) {
        image = context.createImageData(canvas.width, canvas.height);
        pixels = new Uint32Array(image.data.buffer);
      } else pixels.fill(0);
      const { ax, ay, bx, by } = view.map;
      const scale = radius(view, frame) * ratio;
      const size = (pointSize(x.length, view.scale) / 2) * ratio;
      const [cx, cy] = [canvas.width / 2, canvas.height / 2];
      for (let i = 0; i < x.length; i++) {
        const [u, v] = [x[i], y[i]];
        const nx = ax * u - ay * v + bx;
        const ny = ax * v + ay * u + by;
        const dx = bx * u + by * v + ax;
        const dy = bx * v - by * u - ay;
        const d = dx * dx + dy * dy;
        const px = cx + (scale * (nx * dx + ny * dy)) / d;
        const py = cy - (scale * (ny * dx - nx * dy)) / d;
        if (!(px > -9 && py > -9 && px < canvas.width + 9 && py < canvas.height + 9)) continue;
        splat(
          px,
          py,
          Math.max(0.75, size * (0.4 + 0.6 * Math.max(0, 1 - (nx * nx + ny * ny) / d))),
          colours[i],
        );
      }
      context.putImageData(image, 0, 0);
    },
  };
}
