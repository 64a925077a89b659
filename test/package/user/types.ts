/** One use of every subpath but that of fleets, compiled against the installed package; it is not run. */
import { UsageError } from '@hier-ml/hier';
import { residualCnn } from '@hier-ml/hier/backbones';
import { importOnnx, writeBack } from '@hier-ml/hier/backbones/onnx';
import { HIER_CURVATURE, numbers } from '@hier-ml/hier/ball';
import { checkData } from '@hier-ml/hier/datasets';
import { compile, input, matmul, type Session } from '@hier-ml/hier/graph';
import { ancestorTree } from '@hier-ml/hier/hierarchy';
import { proxyAnchor } from '@hier-ml/hier/losses';
import { createMap } from '@hier-ml/hier/map';
import { linear, Scope } from '@hier-ml/hier/nn';
import { type InputOptions, type PixelImage, prepareImage } from '@hier-ml/hier/prepare';
import { type Neighbours, nearestNeighbours } from '@hier-ml/hier/retrieval';
import { type RunningServer, startServer } from '@hier-ml/hier/server';
import { openTable, type Store } from '@hier-ml/hier/store';
import { hyperbolicUmap } from '@hier-ml/hier/umap';

export const length: number = numbers.distance([0.1, 0], [0, 0.2], HIER_CURVATURE);
export const session = (): Promise<Session> =>
  compile({ outputs: { product: matmul(input('a', [2, 3]), input('b', [3, 2])) } });
export const pixels = (image: PixelImage, options: InputOptions): Float32Array =>
  prepareImage(image, options);
export const neighbours: (...given: Parameters<typeof nearestNeighbours>) => Promise<Neighbours> =
  nearestNeighbours;
export const served = (table: string): Promise<RunningServer> => startServer({ table, port: 0 });
export const opened = (table: string): Promise<Store> => openTable(table);
export const others = [
  UsageError,
  residualCnn,
  checkData,
  hyperbolicUmap,
  ancestorTree,
  proxyAnchor,
  linear,
  createMap,
  Scope,
  importOnnx,
  writeBack,
] as const;
