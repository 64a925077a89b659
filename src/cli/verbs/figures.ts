/** `hier figures`: draws the figures of a run into its folder. */

import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { writeFigure } from '../../figures/files.js';
import { LIGHT } from '../../figures/theme.js';
import { requireWritable } from '../../io/atomic.js';
import { runPaths } from '../../runs/paths.js';
import { FIGURES, figuresOfRun } from '../../runs/report/figures.js';
import { type Run, withRuns } from '../../runs/run.js';
import { collect, examples, jsonOption, oneOf, wholeNumber } from '../options.js';
import { noteLine, print, progress } from '../output.js';
import { percent } from '../text/columns.js';

interface Options {
  only?: string[];
  against?: string[];
  also?: string[];
  epochs?: number[];
  countFrom: '0' | '1';
  neighbours?: number;
  out?: string;
  json?: boolean;
}

/** Adds the command. */
export function addFigures(program: Command): void {
  const command = program
    .command('figures')
    .summary('draw the figures of a run')
    .description(
      `Draws figures of a run as SVG and PNG: ${FIGURES.join(', ')}. Equal runs give equal files. The figure umap shows ` +
        'the snapshots that the recipe asked for with snapshots.epochs, and beside the last one the same embeddings with ' +
        'random proxies of equal norms: where both look alike, the proxies have learned nothing that the eye could see.',
    )
    .argument('<RUN>', 'the run folder')
    .option('--only <NAME...>', 'these figures alone')
    .option('--against <RUN2>', 'a run to compare with; may be given several times', collect)
    .option(
      '--also <RUN,RUN2...>',
      'a run of other data and what it is compared with: a further section of retrieval; may be given several times',
      collect,
    )
    .option('--epochs <LIST>', 'the snapshots that umap shows, such as 1,3,5,7,10 (default: all)', epochList)
    .option(
      '--count-from <0|1>',
      'what the first epoch is called in --epochs: 1, or 0 as in the official code, whose first epoch is the warm-up, after which it saves nothing',
      oneOf('0', '1'),
      '1',
    )
    .option(
      '--neighbours <N>',
      "neighbours in UMAP's graph (default: 30; the paper's notebook: 80)",
      wholeNumber(2),
    )
    .option('--out <DIR>', 'another folder than RUN/figures');
  examples(jsonOption(command), [
    ['hier figures runs/demo', 'all figures, into runs/demo/figures'],
    ['hier figures runs/demo --only umap tree', 'two of them'],
    ['hier figures runs/demo --against runs/proxy-anchor --only retrieval', "the supplement's Figure 2"],
    [
      'hier figures runs/cub --against runs/cub-pa --also runs/cars,runs/cars-pa --only retrieval',
      'the same with a second data set',
    ],
  ]).action(
    async (
      run: string,
      { only, against = [], neighbours, out = runPaths(run).figures, json, ...more }: Options,
    ) => {
      const others = (more.also ?? []).map((text) => text.split(',').map((folder) => folder.trim()));
      const epochs = more.epochs?.map((epoch) => epoch + (more.countFrom === '0' ? 1 : 0));
      const folders = [run, ...against, ...others.flat()];
      const { figures, agreement, notes } = await withRuns(folders, ([own, ...rest]) => {
        requireWritable(join(out, 'figure.svg'));
        let at = against.length;
        const also = others.map(({ length }) => rest.slice(at, (at += length)) as [Run, ...Run[]]);
        return figuresOfRun(own, {
          ...{ only, against: rest.slice(0, against.length), also, epochs, neighbours, progress },
        });
      });
      const written = [];
      for (const { name, draw } of figures)
        written.push({ name, ...(await writeFigure(out, name, draw(LIGHT))) });
      const lines = [
        ...written.map(({ name }) => `  ${join(out, name)}.svg, .png`),
        ...agreement.map(
          ({ panel, samples, proxies, chance }) =>
            `${panel}: parents in the picture are those in the embedding space for ${percent(samples)} % of images (chance ${percent(chance)} %) and ${percent(proxies)} % of proxies`,
        ),
        ...notes.map(noteLine),
      ];
      print(json, { run, figures: written, agreement, notes }, lines.join('\n'));
    },
  );
}

function epochList(text: string): number[] {
  return text.split(',').map((word) => {
    if (!/^\s*\d{1,6}\s*$/.test(word))
      throw new InvalidArgumentError('Give epochs separated by commas, such as 1,3,5.');
    return Number(word);
  });
}
