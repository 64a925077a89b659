/**
 * Snapshots of a run on disk: embeddings of some training images, and the hierarchical proxies, after some epochs.
 * Figures and maps of the course of training are drawn from them. Taking them is a part of training.
 */

import { join } from 'node:path';
import { z } from 'zod';
import { existsSync, readdirSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { readSafetensors, writeSafetensors } from '../io/safetensors/safetensors.js';
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

const aboutSchema = z.object({
  epoch: z.int().min(0),
  curvature: z.number(),
  ids: z.array(z.string()),
  labels: z.array(z.string()),
});

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

/** The files of the snapshots of a run. */
export function snapshotFiles(run: string): string[] {
  const folder = runPaths(run).snapshots;
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => /^epoch-\d+\.safetensors$/.test(name)).map((name) => join(folder, name));
}

/**
 * All snapshots of a run in order of epochs; empty when there are none.
 * @param onNote told of each that is damaged, and is then left out; without it the first throws DataError
 */
export function readSnapshots(run: string, onNote?: (note: string) => void): Snapshot[] {
  return snapshotFiles(run)
    .flatMap((path) => {
      try {
        return [readSnapshot(path)];
      } catch (error) {
        if (!onNote || !(error instanceof DataError)) throw error;
        onNote(`left out: ${error.message}`);
        return [];
      }
    })
    .sort((a, b) => a.epoch - b.epoch);
}

/** Reads one snapshot. Throws DataError, which says what to do, when it is damaged. */
export function readSnapshot(path: string): Snapshot {
  const refused = (reason: string, cause?: unknown) =>
    new DataError(`${reason} Delete it, since figures can do without it; or train again.`, { cause });
  try {
    const { metadata, tensors, sealed } = readSafetensors(path);
    const [embeddings, proxies] = ['embeddings', 'proxies'].map((name) => tensors.get(name));
    if (metadata.format !== FORMAT || metadata.version !== '1' || !sealed || !embeddings || !proxies)
      throw new DataError(`${path} is not a snapshot that this version of hier reads.`);
    if (!(embeddings.data instanceof Float32Array && proxies.data instanceof Float32Array))
      throw new DataError(`${path} is damaged: what it holds are not float32 numbers.`);
    return {
      ...parseAbout(path, metadata.about),
      dim: embeddings.shape[1],
      embeddings: embeddings.data,
      proxies: proxies.data,
    };
  } catch (cause) {
    throw cause instanceof DataError ? refused(cause.message, cause) : cause;
  }
}

function parseAbout(path: string, text: string | undefined): z.infer<typeof aboutSchema> {
  try {
    return aboutSchema.parse(JSON.parse(text ?? ''));
  } catch (cause) {
    throw new DataError(`${path} is damaged: what it says of its images cannot be read.`, { cause });
  }
}
