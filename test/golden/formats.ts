/** The golden formats and how a file finds its checker: by its content, never by its name. */
import { readFileSync } from 'node:fs';
import { UsageError } from '../../src/errors.js';
import { GraphError } from '../../src/graph/index.js';
import type { CaseReport } from './compare.js';
import { GoldenError, isObject, type Json } from './fields.js';
import * as geometry from './geometry.js';
import * as head from './head.js';
import * as hier from './hier.js';
import * as hierarchyMetrics from './hierarchyMetrics.js';
import * as hyperbolicity from './hyperbolicity.js';
import * as objective from './objective.js';
import * as pairLosses from './pairLosses.js';
import * as planeAncestors from './planeAncestors.js';
import * as proxyAnchor from './proxyAnchor.js';
import * as recall from './recall.js';
import * as retrievalMetrics from './retrievalMetrics.js';
import * as schedules from './schedules.js';
import * as softTriple from './softTriple.js';
import * as trajectory from './trajectory.js';

/** A format: how its files are recognised and recomputed. */
export interface Format {
  recognise(file: Json): boolean;
  check(file: Json): Promise<CaseReport[]>;
}

/** Every format by name, in the order in which a file is tried. */
export const FORMATS: Readonly<Record<string, Format>> = {
  geometry,
  pairLosses,
  softTriple,
  proxyAnchor,
  objective,
  hier,
  head,
  trajectory,
  schedules,
  recall,
  retrievalMetrics,
  hyperbolicity,
  hierarchyMetrics,
  planeAncestors,
};

/** The outcome of one file. */
export interface FileReport {
  readonly file: string;
  readonly format: string;
  readonly ok: boolean;
  readonly cases: readonly CaseReport[];
}

/**
 * Recomputes a golden file.
 * @throws GoldenError when it cannot be read, is not JSON, has an unknown format misses a field, or does not fit together
 */
export async function checkFile(path: string): Promise<FileReport> {
  const file = readJson(path);
  const found = Object.entries(FORMATS).find(([, format]) => format.recognise(file));
  if (!found)
    throw new GoldenError(
      `unknown format (fields ${Object.keys(file).slice(0, 6).join(', ') || 'none'}); known formats: ${Object.keys(FORMATS).join(', ')}`,
    );
  const [format, checker] = found;
  const cases = await checker.check(file).catch((error: unknown) => {
    if (!(error instanceof GraphError || error instanceof UsageError)) throw error;
    throw new GoldenError(`recognised as "${format}", but its values do not fit together: ${error.message}`);
  });
  if (!cases.some((item) => item.checks.length > 0))
    throw new GoldenError(`recognised as "${format}", but no case has anything to compare`);
  return { file: path, format, ok: cases.every((item) => item.checks.every((check) => check.ok)), cases };
}

function readJson(path: string): Json {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new GoldenError(missing ? 'no such file' : `cannot be read (${(error as Error).message})`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch (error) {
    throw new GoldenError(`no valid JSON (${(error as Error).message})`);
  }
  if (!isObject(parsed)) throw new GoldenError('the file holds no JSON object');
  return parsed;
}
