/** `hier tree`: the hierarchy of a run, of vectors or of a table: printed, exported, scored beside its controls. */

import type { Command } from 'commander';
import { UsageError } from '../../../errors.js';
import { toJson, treeOutline } from '../../../hierarchy/index.js';
import { type ScoreRunOptions, scoreTreeOfRun } from '../../../runs/tree/score.js';
import type { RunTreeScores } from '../../../runs/tree/scoreSpaces.js';
import { scoreTreeOfItems, scoreTreeOfList } from '../../../tables/treeOf.js';
import { modelAndWords, withModels } from '../../model.js';
import { collect, examples, jsonOption, oneOf, wholeNumber } from '../../options.js';
import { noteLine, print, say } from '../../output.js';
import { scoresDocument, scoresText } from '../../text/treeScores.js';
import { type ExportOptions, exportTree, FORMATS, type Format } from './export.js';
import { addPlace } from './place.js';
import {
  imageList,
  isWithoutNetwork,
  itemPoints,
  listTreeOptions,
  type PrintableTree,
  printableTree,
  runTreeOptions,
  shapeOf,
  withSource,
} from './source.js';

interface Options extends ExportOptions {
  export?: Format;
  score?: string | true;
  against?: string[];
  draws: number;
  resamples: number;
  seed: number;
}

/** Adds the command. */
export function addTree(program: Command): void {
  const command = program
    .command('tree')
    .summary('the hierarchy of a run, vectors or a table: print, export, score')
    .description(
      'The tree over classes that a run has never seen, over vectors of any model, or over a table. Of the trees that can be built, ' +
        'from learned ancestors or by linkage of the embeddings or of the features as they came, the one is shown that fits best ' +
        'what is held out, which is said with the scores of all; --by names one. ' +
        '--score holds it against a taxonomy, beside random proxies, untrained centres, the untrained network, plain linkage and ' +
        'shuffled terms.',
    )
    .argument(
      '[SOURCE]',
      'a run folder; an ONNX file or hub:OWNER/NAME[:FILE] with --data; vectors (.npy, .safetensors, .parquet, or in the columns of a .csv or .jsonl); a table; or with --model a list or a folder of images',
    );
  withSource(command)
    .option('--lines <N>', 'about how many lines to print, or folders to make', wholeNumber(1), 60)
    .option('--export <FORMAT>', 'json, newick, dot or folder (of contact sheets)', oneOf(...FORMATS))
    .option('--out <PATH>', 'where to export to (default: standard output)')
    .option(
      '--score [TAXONOMY]',
      'score the tree against a taxonomy: a .csv of parent and child, cub-flat, cub-balanced or cub-wikispecies (default: the data set’s levels)',
    )
    .option('--against <RUN2>', 'with --score: a run to compare with; may be given several times', collect)
    .option('--draws <N>', 'with --score: random draws of a control', wholeNumber(1), 20)
    .option('--resamples <N>', 'with --score: resamples of the intervals', wholeNumber(20), 1000)
    .option('--seed <N>', 'with --score: seed of the draws', wholeNumber(0), 0);
  examples(jsonOption(command), [
    ['hier tree runs/demo', 'folded to a screenful'],
    ['hier tree mobilenet.onnx --data photos', 'photos by a network as it was published'],
    ['hier tree items.csv --model mobilenet.onnx', 'the photos of a catalogue, named by its titles'],
    ['hier tree clip.npy --items clip.csv', 'vectors of any model, with names from their columns'],
    ['hier tree tables/photos --levels 2', 'the items of a table, in two levels'],
    ['hier tree runs/demo --score', 'against the data set’s own levels, beside the controls'],
    [
      'hier tree runs/demo --by lca --score --against runs/proxy-anchor --json',
      'the learned ancestors, beside another run, as JSON',
    ],
    ['hier tree runs/demo --export newick --levels all --out demo.nwk', 'for phylogenetics tools'],
    ['hier tree runs/demo --export folder --out demo-tree', 'as folders of pictures'],
    ['hier tree place runs/demo drawing.png', 'where a new image belongs'],
  ]).action(async (word: string | undefined, options: Options) => {
    requireSense(options);
    const { network: source, rest } = modelAndWords([word], options, 'npx hier tree SOURCE');
    // With a network named apart, SOURCE is what it embeds.
    if (rest.length > 0 && options.data !== undefined)
      throw new UsageError(`With --model, give SOURCE or --data, not both: ${rest[0]} and ${options.data}.`);
    if (rest.length > 0) options.data = rest[0];
    if (options.score !== undefined) await score(source, options);
    else if (options.export) await exportTree(source, options, options.export);
    else {
      const tree = await printableTree(source, options);
      for (const note of tree.notes) say(noteLine(note));
      print(
        options.json,
        options.json ? JSON.parse(toJson(tree.document)) : null,
        printed(tree, options.lines),
      );
    }
  });
  addPlace(command);
}

/** Throws UsageError for options that would be left unheard, or that ask for two things at once. */
function requireSense({ score: taxonomy, export: format, out, against, json }: Options): void {
  if (taxonomy !== undefined && format)
    throw new UsageError('Scores and exports are apart: give --score or --export.');
  if (out !== undefined && !format)
    throw new UsageError(
      '--out is for --export, such as --export json. What is printed can be sent to a file with >.',
    );
  if (against && taxonomy === undefined) throw new UsageError('--against is for --score: give that too.');
  if (json && format && format !== 'json' && out === undefined)
    throw new UsageError(
      `With --json, standard output is one JSON document. Name a place for ${format}: --out PATH.`,
    );
}

async function score(run: string, options: Options): Promise<void> {
  const { score: taxonomy, against, draws, resamples, seed, json } = options;
  const isPlain = await isWithoutNetwork(run, options);
  if (isPlain && against)
    throw new UsageError(
      `--against is for runs; ${run} has no network, so there is none to hold it against.`,
    );
  const how = { taxonomy: taxonomy === true ? undefined : taxonomy, draws, resamples, seed };
  const scores = isPlain
    ? await scoreTreeOfItems(await itemPoints(run, options), { ...shapeOf(options), ...how })
    : await scoreOfNetworks(run, options, how);
  for (const note of scores.notes) say(noteLine(note));
  print(json, scoresDocument(scores), scoresText(scores));
}

/** Scores of a run or a network, beside others, over the images of a list or of anything else. */
async function scoreOfNetworks(
  run: string,
  options: Options,
  how: Pick<ScoreRunOptions, 'taxonomy' | 'draws' | 'resamples' | 'seed'>,
): Promise<RunTreeScores> {
  const list = imageList(run, options);
  return withModels([run, ...(options.against ?? [])], options, ([own, ...against]) =>
    list === undefined
      ? scoreTreeOfRun(own, { ...runTreeOptions(options), ...how, against })
      : scoreTreeOfList(own, list, { ...listTreeOptions(options), ...how, against }),
  );
}

function printed({ head, hierarchy, choice }: PrintableTree, lines: number): string {
  return `${head}\n\n${treeOutline(hierarchy, { lines })}\n\n${choice.sentence}`;
}
