/** `hier tree`: the hierarchy of a run: printed, exported, scored beside its controls, new images placed in it. */

import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import {
  CONSTRUCTIONS,
  type Construction,
  toDot,
  toJson,
  toNewick,
  treeOutline,
  unfolded,
} from '../../hierarchy/index.js';
import { requireWritable, writeFileAtomic } from '../../io/atomic.js';
import { SPLITS, type Split } from '../../runs/collection.js';
import { type LeafKind, type RunTree, treeDocument, treeOfRun } from '../../runs/tree/build.js';
import { type PlacedImage, placeInRun } from '../../runs/tree/place.js';
import { scoreTreeOfRun } from '../../runs/tree/score.js';
import { writeTreeFolder } from '../../runs/tree/sheets.js';
import { counted, shownLine } from '../../shown.js';
import { type ModelOptions, modelAndWords, modelOptions, RUN_HELP, withModel, withModels } from '../model.js';
import { collect, examples, formerly, jsonOption, oneOf, wholeNumber } from '../options.js';
import { noteLine, print, progress, say, writeDocument } from '../output.js';
import { scoresDocument, scoresText } from '../text/treeScores.js';

interface SourceOptions extends ModelOptions {
  data?: string;
  split?: Split;
  leaves?: LeafKind;
  by?: Construction;
  json?: boolean;
}

interface Options extends SourceOptions {
  lines: number;
  export?: Format;
  out?: string;
  score?: string | true;
  against?: string[];
  draws: number;
  resamples: number;
  seed: number;
}

type Format = 'json' | 'newick' | 'dot' | 'folder';

/** Adds the command. */
export function addTree(program: Command): void {
  const command = program
    .command('tree')
    .summary('the hierarchy of a run: print, export, score')
    .description(
      'The tree that a run has learned, over classes it has never seen, built from its learned ancestors unless --by says otherwise. ' +
        '--score holds it against a taxonomy, beside random proxies, untrained centres, the untrained network, plain linkage and ' +
        'shuffled terms.',
    )
    .argument('[RUN]', RUN_HELP);
  withSource(command)
    .option('--lines <N>', 'about how many lines to print, or folders to make', wholeNumber(1), 60)
    .option(
      '--export <FORMAT>',
      'json, newick, dot or folder (of contact sheets)',
      oneOf('json', 'newick', 'dot', 'folder'),
    )
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
    ['hier tree runs/demo --score', 'against the data set’s own levels, beside the controls'],
    ['hier tree runs/demo --score --against runs/proxy-anchor --json', 'beside another run, as JSON'],
    ['hier tree runs/demo --export newick --out demo.nwk', 'for phylogenetics tools'],
    ['hier tree runs/demo --export folder --out demo-tree', 'as folders of pictures'],
    ['hier tree place runs/demo drawing.png', 'where a new image belongs'],
  ]).action(async (word: string | undefined, options: Options) => {
    requireSense(options);
    const { network: run, rest } = modelAndWords([word], options, 'npx hier tree RUN');
    if (rest.length > 0)
      throw new UsageError('Give RUN or --model, not both. Other images are named with --in.');
    if (options.score !== undefined) {
      await score(run, options);
    } else if (options.export) await exportTree(run, options, options.export);
    else {
      const tree = await withModel(run, options, (opened) => treeOfRun(opened, treeOptions(options)));
      for (const note of tree.notes) say(noteLine(note));
      print(
        options.json,
        options.json ? JSON.parse(toJson(treeDocument(tree))) : null,
        printed(tree, options.lines),
      );
    }
  });

  const place = command
    .command('place')
    .summary('where new images or vectors belong in the tree of a run')
    .description(
      'Builds the tree of a run, and shows the way from its root to the place of each new image, nearest leaf last.',
    )
    .argument('[RUN]', RUN_HELP)
    .argument('[IMAGE...]', 'image files, or ids of items of the data; with vectors also files of them');
  examples(jsonOption(withSource(place)), [
    ['hier tree place runs/demo drawing.png', 'an image of your own'],
    ['hier tree place runs/vectors new.npy', 'every row of a file, in the tree of a run over vectors'],
  ]).action(async (word: string | undefined, more: string[], _: unknown, self: Command) => {
    const options = self.optsWithGlobals<SourceOptions>();
    const usage = 'npx hier tree place RUN IMAGE';
    const { network: run, rest: images } = modelAndWords([word, ...more], options, usage);
    if (images.length === 0) throw new UsageError(`Give an image to place: ${usage}.`);
    const placed = await withModel(run, options, async (opened) => {
      const tree = await treeOfRun(opened, treeOptions(options));
      for (const note of tree.notes) say(noteLine(note));
      return placeInRun(opened, tree, images);
    });
    print(options.json, { run, placed }, placed.map(placedText).join('\n\n'));
  });
}

function withSource(command: Command): Command {
  return formerly(modelOptions(command), '--in <SOURCE>', '--data')
    .option(
      '--data <SOURCE>',
      'other images: emoji-9, a folder, a manifest (default: the test split of the run’s data)',
    )
    .option(
      '--split <NAME>',
      `which part of them: ${SPLITS.join(', ')} (default: test, or all with --data)`,
      oneOf(...SPLITS),
    )
    .option(
      '--leaves <KIND>',
      'classes or images (default: classes where they are known)',
      oneOf('classes', 'images'),
    )
    .option(
      '--by <NAME>',
      'how the tree is built. lca: by the lowest common ancestors that the loss asks for; ancestors: each item below the nearest more central proxy; linkage: embeddings alone (default: lca)',
      oneOf(...CONSTRUCTIONS),
    );
}

function treeOptions({ data: source, split, leaves, by }: SourceOptions) {
  return { source, split, leaves, construction: by, progress };
}

/** Throws UsageError for options that would be left unheard, or that ask for two things at once. */
function requireSense({ score, export: format, out, against, json }: Options): void {
  if (score !== undefined && format)
    throw new UsageError('Scores and exports are apart: give --score or --export.');
  if (out !== undefined && !format)
    throw new UsageError(
      '--out is for --export, such as --export json. What is printed can be sent to a file with >.',
    );
  if (against && score === undefined) throw new UsageError('--against is for --score: give that too.');
  if (json && format && format !== 'json' && out === undefined)
    throw new UsageError(
      `With --json, standard output is one JSON document. Name a place for ${format}: --out PATH.`,
    );
}

async function score(run: string, options: Options): Promise<void> {
  const { score: taxonomy, against, draws, resamples, seed, json } = options;
  const scores = await withModels([run, ...(against ?? [])], options, ([own, ...others]) =>
    scoreTreeOfRun(own, {
      ...treeOptions(options),
      taxonomy: taxonomy === true ? undefined : taxonomy,
      against: others,
      draws,
      resamples,
      seed,
    }),
  );
  for (const note of scores.notes) say(noteLine(note));
  print(json, scoresDocument(scores), scoresText(scores));
}

async function exportTree(run: string, options: Options, format: Format): Promise<void> {
  const { out, lines, json } = options;
  if (format === 'folder' && out === undefined)
    throw new UsageError('A folder of contact sheets needs a name: --out FOLDER.');
  if (out !== undefined && format !== 'folder') requireWritable(out);
  const tree = await withModel(run, options, (opened) => {
    if (format === 'folder' && opened.info.vectors !== undefined)
      throw new UsageError(
        `${run} takes feature vectors, which have no pictures: export json, newick or dot.`,
      );
    return treeOfRun(opened, treeOptions(options));
  });
  for (const note of tree.notes) say(noteLine(note));
  if (format === 'folder') {
    const sheets = await writeTreeFolder(out!, tree.hierarchy, {
      paths: tree.items.map(({ path }) => path),
      folders: lines,
      subtitle: headOf(tree),
      attribution: tree.attribution,
      onProgress: progress('drawing sheets'),
    });
    print(
      json,
      { folder: out, sheets },
      `${counted(sheets.length, 'contact sheet')} in ${out}; the first: ${sheets[0]}`,
    );
    return;
  }
  const open = unfolded(tree.hierarchy, lines);
  const text =
    format === 'json'
      ? `${toJson(treeDocument(tree))}\n`
      : format === 'newick'
        ? `${toNewick(tree.hierarchy)}\n`
        : toDot(tree.hierarchy, ({ id, parent }) => open.has(id) || (parent !== null && open.has(parent)));
  if (out === undefined) writeDocument(text);
  else {
    writeFileAtomic(out, text);
    print(json, { file: out }, `The tree is in ${out}.`);
  }
}

function headOf({ data, hierarchy, vectors }: RunTree): string {
  const { leaves, nodes, construction } = hierarchy;
  const inner = nodes.length - leaves.length;
  const classes = data.leaves === 'classes' ? `${counted(leaves.length, 'class')}, ` : '';
  return `${counted(data.images, vectors ? 'vector' : 'image')} of ${shownLine(data.source)} (${data.split}), ${classes}${counted(inner, 'inner node')} (${construction})`;
}

function printed(tree: RunTree, lines: number): string {
  return `${headOf(tree)}\n\n${treeOutline(tree.hierarchy, { lines })}`;
}

function placedText({ image, path, nearest }: PlacedImage): string {
  const steps = path.map(
    ({ label, members }, depth) => `${'  '.repeat(depth)}${shownLine(label)} · ${members}`,
  );
  return [
    shownLine(image),
    ...steps,
    `nearest: ${shownLine(nearest.leaf)} (${nearest.distance.toFixed(3)})`,
  ].join('\n');
}
