/**
 * Snapshots of a run on disk: embeddings of some training images, and the hierarchical proxies, after some epochs.
 * Figures and maps of the course of training are drawn from them. Taking them is a part of training.
 */

import { join } from 'node:path';
import { existsSync, readdirSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { readSafetensors, writeSafetensors } from '../io/safetensors.js';
import { runPaths } from './paths.js';

/** Embeddings and proxies after an epoch. */
export interface Snapshot {
  /** Whole epochs done. */
  readonly epoch: number;
  /** `[N, d]`, points of the ball, or directions in a flat space. */
  readonly embeddings: Float32Array;
  /** Hierarchical proxies in the same space, `[P, d]`; empty for a run without HIER. */
  readonly proxies: Float32Array;
  readonly dim: number;
  /** Curvature parameter c of the ball; 0 in a flat space. */
  readonly curvature: number;
  /** Id of each image. */
  readonly ids: readonly string[];
  /** Class of each image. */
  readonly labels: readonly string[];
}

const FORMAT = 'hier-snapshot';

/** Writes a snapshot into a run's folder. */
export function writeSnapshot(run: string, snapshot: Snapshot): void {
  const { epoch, embeddings, proxies, dim, curvature, ids, labels } = snapshot;
  writeSafetensors(
    join(runPaths(run).snapshots, `epoch-${String(epoch).padStart(4, '0')}.safetensors`),
    [
      ['embeddings', { shape: [embeddings.length / dim, dim], data: embeddings }],
      ['proxies', { shape: [proxies.length / dim, dim], data: proxies }],
    ],
    {
      metadata: { format: FORMAT, version: '1', about: JSON.stringify({ epoch, curvature, ids, labels }) },
      seal: true,
    },
  );
}

/** All snapshots of a run in order of epochs; empty when there are none. Throws DataError for a damaged one. */
export function readSnapshots(run: string): Snapshot[] {
  const folder = runPaths(run).snapshots;
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => /^epoch-\d+\.safetensors$/.test(name))
    .map((name) => readSnapshot(join(folder, name)))
    .sort((a, b) => a.epoch - b.epoch);
}

function readSnapshot(path: string): Snapshot {
  const { metadata, tensors, sealed } = readSafetensors(path);
  const [embeddings, proxies] = ['embeddings', 'proxies'].map((name) => tensors.get(name));
  if (metadata.format !== FORMAT || metadata.version !== '1' || !sealed || !embeddings || !proxies)
    throw new DataError(
      `${path} is not a snapshot that this version of hier reads. Delete it, or train again.`,
    );
  const about = JSON.parse(metadata.about) as Pick<Snapshot, 'epoch' | 'curvature' | 'ids' | 'labels'>;
  return {
    ...about,
    dim: embeddings.shape[1],
    embeddings: embeddings.data as Float32Array,
    proxies: proxies.data as Float32Array,
  };
}
