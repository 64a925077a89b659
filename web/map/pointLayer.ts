/** What a layer of points does, however it is drawn, and what all layers share. */
import type { View, Viewport } from './view.js';

/** Draws points on a canvas. */
export interface PointLayer {
  /** Red, green, blue and opacity of each item, 0 to 255, `[N, 4]`. */
  setColours(colours: Uint8Array): void;
  /** The places of the items have changed. */
  setPlaces(): void;
  draw(view: View, viewport: Viewport): void;
  /** Gives back what the layer holds of the machine. */
  destroy(): void;
}

/** Diameter of a point in the middle, CSS px: smaller the more points there are, larger when magnified. */
export function pointSize(count: number, scale: number): number {
  const base = Math.min(11, Math.max(3, 34 / Math.max(1, count) ** 0.19));
  return base * Math.min(2.2, scale ** 0.35);
}

/** Gives a canvas the resolution of the screen, at most `max` pixels for a CSS pixel. Returns pixels for a CSS pixel. */
export function fitCanvas(canvas: HTMLCanvasElement, { width, height }: Viewport, max = 2): number {
  const ratio = Math.min(max, globalThis.devicePixelRatio || 1);
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  return ratio;
}
