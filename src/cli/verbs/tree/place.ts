/** `hier tree place`: where new images or vectors belong in the tree of a run. */
import type { Command } from 'commander';
import { UsageError } from '../../../errors.js';
import type { UnreadPicture } from '../../../model/embedPictures.js';
import { treeOfRun } from '../../../runs/tree/build.js';
import { type PlacedImage, placeInRun } from '../../../runs/tree/place.js';
import { shownLine } from '../../../shown.js';
import { modelAndWords, RUN_HELP, withModel } from '../../model.js';
import { examples, jsonOption } from '../../options.js';
import { noteLine, print, say } from '../../output.js';
import { isWithoutNetwork, runTreeOptions, type SourceOptions, withSource } from './source.js';

/** Adds the command below `hier tree`. */
export function addPlace(tree: Command): void {
  const place = tree
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
    if (await isWithoutNetwork(run, options))
      throw new UsageError(
        `${run} has no network to place anything by. Name a run or an ONNX file; in a table, search instead: npx hier search.`,
      );
    const skipped: UnreadPicture[] = [];
    const placed = await withModel(run, options, async (opened) => {
      const made = await treeOfRun(opened, runTreeOptions(options));
      for (const note of made.notes) say(noteLine(note));
      return placeInRun(opened, made, images, { onSkipped: (picture) => skipped.push(picture) });
    });
    for (const { reason } of skipped) say(`skipped: ${reason}`);
    print(options.json, { run, placed, skipped }, placed.map(placedText).join('\n\n'));
  });
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
