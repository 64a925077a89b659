/**
 * Opens whatever embeds images: the folder of a run or an export, an ONNX file as somebody published it, or one on the
 * Hugging Face hub. The latter two become a run without training: everything that asks a network works with them.
 */
import { getNetwork, isHubName, keptNetwork, weightsFolder } from '../backbones/hub/index.js';
import { isImageName } from '../datasets/listImages.js';
import { statSync } from '../disk/index.js';
import type { ModelInfo } from '../model/files.js';
import { isNetworkName, networkFolder } from '../model/networkFolder.js';
import type { ProgressReporter } from './progress.js';
import { openRun, type Run } from './run.js';

/** How a network is opened. */
export interface OpenNetworkOptions {
  /**
   * Of an ONNX file: what the embedding is, a form (`pooled`, `class-token`, `mean-tokens`, `global-average`), the name of
   * an output, or `NAME:FORM`. Default: the most sensible that the file has.
   */
  readonly output?: string | undefined;
  /** Of a download, in MB. */
  readonly progress?: ProgressReporter | undefined;
  /** Told what a network from a file is, in sentences. */
  readonly onNote?: ((note: string) => void) | undefined;
  /** Stops a download; what has arrived stays for the next time. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the folder of a run, an ONNX file, or `hub:OWNER/NAME[:FILE]`, which is fetched when it is not there. Call
 * `close()` on what comes.
 *
 * @throws UsageError when there is no such folder, file or output; DataError for a file that is not an ONNX model, or one
 *   that takes no images
 *
 * @example
 * ```ts
 * const network = await openNetwork('dinov2-small.onnx', { output: 'class-token' });
 * const { embeddings } = await (await network.model()).embed(['a.jpg', 'b.jpg']);
 * await network.close();
 * ```
 */
export async function openNetwork(named: string, options: OpenNetworkOptions = {}): Promise<Run> {
  const { output, onNote } = options;
  if (!isNetworkName(named) && !isOtherFile(named)) return openRun(named);
  if (isHubName(named) && !keptNetwork(named)) await fetched(named, options);
  const run = openRun(await networkFolder(named, output), { shownAs: named });
  if (onNote) for (const note of networkNotes(run.info)) onNote(note);
  return run;
}

/** Whether it is a file that may be meant as a network, so that what it is can be said. */
const isOtherFile = (named: string) =>
  !isImageName(named) && (statSync(named, { throwIfNoEntry: false })?.isFile() ?? false);

async function fetched(
  named: string,
  { progress = () => () => undefined, onNote, signal }: OpenNetworkOptions,
): Promise<void> {
  const told = progress(`fetching ${named}, MB`);
  await getNetwork(named, weightsFolder(), {
    ...(onNote ? { onNote } : {}),
    ...(signal ? { signal } : {}),
    onProgress: (done, total) =>
      told(Math.floor(done / 1e6), Math.floor(Math.max(done, total ?? done + 1e6) / 1e6)),
  });
}

/** What a network from a file is, in sentences; empty for one that hier has trained. */
export function networkNotes({ imported, embeddingSize, preprocessing }: ModelInfo): string[] {
  if (!imported) return [];
  const { file, output, outputs, preparation, notes } = imported;
  const { size, resizeTo, fit, filter = 'bicubic', mean, std } = preprocessing;
  const others = outputs.filter((one) => one !== output);
  const shown = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(4))).join(', ');
  const whole = { cover: '', contain: ', whole, on white', fill: ', squeezed to the square' }[fit];
  const fitted = `${whole}${resizeTo === null ? '' : `, cut out of ${resizeTo} px`}${filter === 'bicubic' ? '' : `, ${filter} filter`}`;
  return [
    `${file}: the embedding is its output ${output}, ${embeddingSize} numbers${others.length > 0 ? ` (it also has ${others.join(', ')})` : ''}`,
    `images are prepared at ${size} px${fitted}, mean ${shown(mean)}, std ${shown(std)}${preparation === null ? '' : `, as ${preparation} says`}`,
    ...notes,
  ];
}

/** Opens networks, works with them, and closes them whatever happens. Throws as {@link openNetwork} and the work do. */
export async function withNetworks<T>(
  names: readonly string[],
  options: OpenNetworkOptions,
  work: (runs: readonly Run[]) => Promise<T>,
): Promise<T> {
  const runs: Run[] = [];
  try {
    for (const name of names) runs.push(await openNetwork(name, options));
    return await work(runs);
  } finally {
    await Promise.all(runs.map((run) => run.close()));
  }
}
