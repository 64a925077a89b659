/** Draws a map on its three canvases: disk and tree, points, everything else. What is shown is decided elsewhere. */
import type { Collection } from '../data/collection.js';
import { drawOverlay, type Scene } from './overlay.js';
import { fitCanvas, type PointLayer } from './pointLayer.js';
import { softwareLayer } from './softwareLayer.js';
import { drawDisk, drawTree, nodesWithLines } from './underlay.js';
import type { Viewport } from './view.js';
import { hasGraphicsCard, webglLayer } from './webglLayer.js';

/** Options of {@link createPainter}. */
export interface PainterOptions {
  readonly collection: Collection;
  /** From the lowest to the highest: disk and tree, points, everything else. */
  readonly canvases: readonly [HTMLCanvasElement, HTMLCanvasElement, HTMLCanvasElement];
  /** How points are drawn; default by what the machine has. */
  readonly method?: 'webgl' | 'software' | undefined;
  /** Called when a lost graphics card is back: the canvas of the points is empty then. */
  onRestored(): void;
}

/** Draws a map; colours and places of the points are set apart from drawing, since they change more seldom. */
export interface Painter extends Omit<PointLayer, 'draw'> {
  /**
   * Draws a scene, with the lines of the tree where `lines` is true; those of nodes that are 0 in `among` are faint, where it
   * is given. Nothing is drawn on a map without extent.
   */
  draw(scene: Scene, lines: boolean, among: Uint8Array | null): void;
}

/** Makes the painter of a map. */
export function createPainter({ collection, canvases, method, onRestored }: PainterOptions): Painter {
  const { points, tree } = collection;
  const [underCanvas, pointCanvas, overCanvas] = canvases;
  const isWebgl = method === 'webgl' || (method !== 'software' && hasGraphicsCard());
  const layer = isWebgl ? webglLayer(pointCanvas, points, onRestored) : softwareLayer(pointCanvas, points);
  let nodes = nodesWithLines(tree);
  return {
    setColours: layer.setColours,
    destroy: layer.destroy,
    setPlaces() {
      nodes = nodesWithLines(tree);
      layer.setPlaces();
    },
    draw(scene, lines, among) {
      const { view, viewport, palette } = scene;
      if (viewport.width === 0 || viewport.height === 0) return;
      const under = clearedContext(underCanvas, viewport, isWebgl);
      drawDisk(under, view, viewport, palette.disk, palette.edge);
      if (lines && tree.isGiven)
        drawTree(under, tree, { view, viewport, colour: palette.line, nodes, among });
      layer.draw(view, viewport);
      drawOverlay(clearedContext(overCanvas, viewport, isWebgl), points, scene);
    },
  };
}

/** The context of a canvas, empty, in CSS pixels. Without a graphics card it has fewer pixels and stays in memory. */
function clearedContext(
  canvas: HTMLCanvasElement,
  viewport: Viewport,
  hasCard: boolean,
): CanvasRenderingContext2D {
  const ratio = fitCanvas(canvas, viewport, hasCard ? 2 : 1.5);
  const context = canvas.getContext('2d', { willReadFrequently: !hasCard })!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, viewport.width, viewport.height);
  return context;
}
