/**
 * Whether the files of a run are what was written: each is read, and held against its checksum or, where it has none,
 * against the other files. It mends nothing and trains nothing.
 */
import { basename, join } from 'node:path';
import { existsSync, readdirSync, readFileSync } from '../disk/index.js';
import { DataError, HierError } from '../errors.js';
import { csvCells } from '../io/csv.js';
import { readSafetensors } from '../io/safetensors/safetensors.js';
import { readEvents } from '../io/tensorboard.js';
import { modelFiles, readModel } from '../model/files.js';
import { openModel } from '../model/trained.js';
import { recipeHash } from '../recipe/load.js';
import { missingParts } from '../recipe/missingParts.js';
import { counted, shownLine } from '../shown.js';
import { type Checkpoint, readCheckpoint } from './checkpoint.js';
import { readClosedForms, readKinship } from './closedForms.js';
import { readCompared } from './compared.js';
import { readRecord, recipeOf } from './data.js';
import { readGain } from './gain.js';
import { parseMetrics, stepsThatDiffer } from './metrics.js';
import { type RunPaths, runPaths } from './paths.js';
import { readSnapshot, snapshotFiles } from './snapshots.js';
import { storedStatus } from './status.js';

/** One file, and how it is. */
export interface FileFinding {
  /** Its name in the folder of the run, or in the table. */
  readonly file: string;
  readonly state: 'ok' | 'damaged' | 'unchecked';
  /** What was found. */
  readonly found: string;
  /** What to do about it; absent when all is well. */
  readonly advice?: string;
}

/** What is known of a file that is sound; a check that finds it damaged throws. */
type Sound = string | { readonly unchecked: string };

/** Whether a folder is that of a run, or of an export. */
export function isRunFolder(folder: string): boolean {
  const { recipe, status, modelInfo } = runPaths(folder);
  return [recipe, status, modelInfo].some((path) => existsSync(path));
}

/** What of a run is not looked at, and why. */
const NOT_READ = {
  figures: 'made for reading: hier does not read it back, and makes it again with npx hier figures',
  report: 'made for reading: hier does not read it back, and makes it again with npx hier report',
  lock: 'there while a process is at work in the folder',
} as const satisfies Partial<Record<keyof RunPaths, string>>;

/**
 * Looks at every file of a run that hier reads back, and names what it does not look at; those that there are none of are passed over.
 * @param whole the folder of the run that `folder` is a trial of; by default its own
 */
export async function verifyRun(folder: string, whole = folder): Promise<FileFinding[]> {
  const paths = runPaths(folder);
  const resume = `Made again by: npx hier train --resume ${whole}`;
  const findings: FileFinding[] = [];
  const look = async (path: string, advice: string, check: () => Sound | Promise<Sound>, must = false) => {
    if (must || existsSync(path)) findings.push(await examined(path, folder, advice, check));
  };

  const checkpoints: Checkpoint[] = [];
  for (const path of filesIn(paths.checkpoints))
    await look(path, '', () => {
      const checkpoint = readCheckpoint(path);
      if (path !== paths.best) checkpoints.unshift(checkpoint);
      else checkpoints.push(checkpoint);
      return `checksum right; after ${counted(checkpoint.step, 'step')}`;
    });
  const [newest] = checkpoints;
  const isRun = existsSync(paths.checkpoints);
  await look(paths.recipe, 'Copy it from where the run came from.', () => recipeFound(folder, newest), isRun);
  await look(paths.data, resume, () => dataFound(paths, newest));
  await look(paths.environment, resume, () => record(paths.environment));
  await look(paths.status, resume, () => statusFound(folder), isRun);
  await look(paths.metrics, resume, () => metricsFound(paths));
  await look(paths.csv, resume, () => csvFound(paths));
  await look(paths.events, resume, () => eventsFound(paths));
  const hasModel = existsSync(paths.model) || existsSync(paths.modelInfo);
  if (hasModel || storedStatus(folder)?.state === 'finished')
    await look(paths.model, '', () => modelFound(folder), true);
  await look(paths.gain, resume, () => gainFound(paths));
  await look(paths.compared, '', () => comparedFound(paths));
  await look(paths.closedForms, resume, () => formsFound(paths));
  for (const path of snapshotFiles(folder))
    await look(path, '', () => `checksum right; epoch ${readSnapshot(path).epoch}`);
  for (const path of filesIn(paths.embeddings))
    await look(path, 'Delete it: it is made again when it is needed.', () => sealed(path));
  await look(paths.trial, `Delete it, then: npx hier train --resume ${whole}`, () => trialFound(paths));
  if (existsSync(runPaths(paths.trial).status))
    for (const one of await verifyRun(paths.trial, whole))
      findings.push({ ...one, file: join(basename(paths.trial), one.file) });
  for (const [name, what] of Object.entries(NOT_READ))
    await look(paths[name as keyof typeof NOT_READ], '', () => ({ unchecked: what }));
  return findings;
}

/** The safetensors files in a folder. */
function filesIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => /^[^.].*\.safetensors$/.test(name)).map((name) => join(folder, name));
}

/** One file looked at. Throws what is not an error for users. */
async function examined(
  path: string,
  folder: string,
  advice: string,
  check: () => Sound | Promise<Sound>,
): Promise<FileFinding> {
  const file = shownLine(path.startsWith(folder) ? path.slice(folder.length).replace(/^[/\\]/, '') : path);
  try {
    const found = await check();
    if (typeof found === 'string') return { file, state: 'ok', found };
    return { file, state: 'unchecked', found: found.unchecked };
  } catch (error) {
    if (!(error instanceof HierError)) throw error;
    return { file, state: 'damaged', found: error.message, ...(advice ? { advice } : {}) };
  }
}

function recipeFound(folder: string, checkpoint: Checkpoint | undefined): Sound {
  const recipe = recipeOf(folder);
  if (!checkpoint) return { unchecked: 'readable; there is no checkpoint to hold it against' };
  if (missingParts(recipe).length > 0) return { unchecked: 'readable; it has parts that hier does not ship' };
  if (recipeHash(recipe) !== checkpoint.recipeHash)
    throw new DataError('It is not the recipe that the checkpoints are of.');
  return 'the one that the checkpoints are of';
}

function dataFound({ data }: RunPaths, checkpoint: Checkpoint | undefined): Sound {
  record(data);
  if (!checkpoint) return { unchecked: 'readable; there is no checkpoint to hold it against' };
  if (readRecord(data)?.sha256 !== checkpoint.dataFingerprint)
    throw new DataError('Its fingerprint is not that of the data which the checkpoints are of.');
  return 'the data that the checkpoints are of';
}

function record(path: string): Sound {
  if (!readRecord(path)) throw new DataError(`${basename(path)} cannot be read as a JSON object.`);
  return { unchecked: 'readable' };
}

function statusFound(folder: string): Sound {
  const status = storedStatus(folder);
  if (!status) throw new DataError('The state of the run cannot be read.');
  return { unchecked: status.state };
}

function metricsFound({ metrics, events }: RunPaths): Sound {
  const { rows, damaged } = parseMetrics(readFileSync(metrics, 'utf8'));
  if (damaged.length > 0)
    throw new DataError(`It has ${counted(damaged.length, 'damaged line')} (${someOf(damaged)}).`);
  const told = readEvents(events);
  if (told.length === 0) return { unchecked: counted(rows.length, 'row') };
  const other = stepsThatDiffer(rows, told);
  if (other.length > 0)
    throw new DataError(
      `It says otherwise than the events, which have checksums, of steps ${someOf(other)}.`,
    );
  return `${counted(rows.length, 'row')}, as the events say`;
}

function csvFound({ csv, metrics }: RunPaths): Sound {
  const rows = csvCells(csv, readFileSync(csv, 'utf8'), { exact: true }).length - 1;
  const { rows: wanted } = parseMetrics(existsSync(metrics) ? readFileSync(metrics, 'utf8') : '');
  if (rows !== wanted.length)
    throw new DataError(`It has ${counted(rows, 'row')}, and the metrics have ${wanted.length}.`);
  return { unchecked: counted(rows, 'row') };
}

function comparedFound({ compared }: RunPaths): Sound {
  return `checksum right; ${counted(Object.keys(readCompared(compared).metrics).length, 'measure')}`;
}

function eventsFound({ events, metrics }: RunPaths): Sound {
  const found = readEvents(events).length;
  const { rows } = parseMetrics(existsSync(metrics) ? readFileSync(metrics, 'utf8') : '');
  if (found < rows.length)
    throw new DataError(
      `It is damaged after ${counted(found, 'event')}; the metrics have ${counted(rows.length, 'row')}.`,
    );
  return `checksums right; ${counted(found, 'event')}`;
}

/** The network and what stands beside it; one without a checksum, of an older hier, is loaded to see whether it can be. */
async function modelFound(folder: string): Promise<Sound> {
  const { info } = readModel(folder);
  if (info.sha256 !== undefined)
    return `checksum right, and that of ${basename(modelFiles(folder).modelInfo)}`;
  await (await openModel(folder)).close();
  return { unchecked: 'it loads; written by an older hier, without a checksum' };
}

function gainFound({ gain }: RunPaths): Sound {
  const found = readGain(gain);
  return { unchecked: `readable; ${counted(found?.rows.length ?? 0, 'row')}` };
}

/** The trial of a run that ends with a fit on all classes: a run of its own, whose files are looked at one by one. */
function trialFound({ trial }: RunPaths): Sound {
  const status = storedStatus(trial);
  if (!status) throw new DataError('The state of the trial cannot be read.');
  return { unchecked: status.state };
}

function formsFound({ closedForms }: RunPaths): Sound {
  const { sealed } = readSafetensors(closedForms);
  const silent = () => undefined;
  const ofTrees = readKinship(closedForms, silent) ? ['that of trees'] : [];
  const names = [...readClosedForms(closedForms, silent).keys(), ...ofTrees];
  const found = names.length > 0 ? names.join(', ') : 'it holds none';
  return sealed ? `checksum right; ${found}` : { unchecked: `readable, without a checksum; ${found}` };
}

function sealed(path: string): Sound {
  if (!readSafetensors(path).sealed) throw new DataError('It has no checksum.');
  return 'checksum right';
}

function someOf(numbers: readonly number[]): string {
  return `${numbers.slice(0, 5).join(', ')}${numbers.length > 5 ? ', …' : ''}`;
}
