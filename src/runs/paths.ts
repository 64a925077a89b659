/** What lies where in the folder of a training run. Names only; nothing here touches a disk. */

import { join } from 'node:path';
import { modelFiles } from '../model/files.js';

/** Where everything lies in a run folder. */
export interface RunPaths {
  /** The resolved recipe, YAML. */
  recipe: string;
  /** Machine and software of the first start, and of every resumption. */
  environment: string;
  /** Fingerprint of the data. */
  data: string;
  /** What was gained over what came in, see readGain. */
  gain: string;
  /** What a comparison has measured of the run, kept for the next time; may be deleted. */
  compared: string;
  /** Folder of the trial, a run with classes held out, of a run that ends with a fit on all classes. */
  trial: string;
  /** Closed forms of the features, which evaluation holds the network against. */
  closedForms: string;
  /** Metrics, one JSON object a line. */
  metrics: string;
  /** The same metrics as CSV. */
  csv: string;
  /** The same metrics for TensorBoard. */
  events: string;
  /** Folder of the checkpoints. */
  checkpoints: string;
  /** The latest checkpoint. */
  last: string;
  /** The checkpoint with the best validation. */
  best: string;
  /** The trained network. */
  model: string;
  /** How to prepare images for it. */
  modelInfo: string;
  /** Folder of embeddings kept for search and evaluation; may be deleted at any time. */
  embeddings: string;
  /** Folder of the snapshots. */
  snapshots: string;
  /** Folder of the figures. */
  figures: string;
  /** The report, one HTML file. */
  report: string;
  /** State of the run, see readRunStatus. */
  status: string;
  /** There while a process owns the folder. */
  lock: string;
}

/** The paths of a run folder; nothing is looked at. */
export function runPaths(folder: string): RunPaths {
  const checkpoints = join(folder, 'checkpoints');
  return {
    recipe: join(folder, 'recipe.yaml'),
    environment: join(folder, 'environment.json'),
    data: join(folder, 'data.json'),
    gain: join(folder, 'gain.json'),
    compared: join(folder, 'compared.json'),
    trial: join(folder, 'trial'),
    closedForms: join(folder, 'closed-forms.safetensors'),
    metrics: join(folder, 'metrics.jsonl'),
    csv: join(folder, 'metrics.csv'),
    events: join(folder, 'events', 'events.out.tfevents.hier'),
    checkpoints,
    last: join(checkpoints, 'last.safetensors'),
    best: join(checkpoints, 'best.safetensors'),
    ...modelFiles(folder),
    embeddings: join(folder, 'embeddings'),
    snapshots: join(folder, 'snapshots'),
    figures: join(folder, 'figures'),
    report: join(folder, 'report.html'),
    status: join(folder, 'status.json'),
    lock: join(folder, 'run.lock'),
  };
}

/** What overwriting removes: the layout above and nothing else; the mark of a run folder goes last. */
export const ownNames = [
  'checkpoints',
  'events',
  'trial',
  'embeddings',
  'snapshots',
  'figures',
  'report.html',
  'neighbours.png',
  'attribution.txt',
  'metrics.jsonl',
  'metrics.csv',
  'model.onnx',
  'model.json',
  'gain.json',
  'compared.json',
  'closed-forms.safetensors',
  'data.json',
  'environment.json',
  'recipe.yaml',
  'summary.json',
  'status.json',
];
