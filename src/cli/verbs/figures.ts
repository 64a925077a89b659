/** `hier figures`: draws the figures of a run into its folder. */

import { join } from 'node:path';
import type { Command } from 'commander';
import { writeFigure } from '../../figures/files.js';
import { LIGHT } from '../../figures/theme.js';
import { requireWritable } from '../../io/atomic.js';
import { runPaths } from '../../runs/paths.js';
import { FIGURES, figuresOfRun } from '../../runs/report/figures.js';
import { withRuns } from '../../runs/run.js';
import { collect, examples, jsonOption, wholeNumber } from '../options.js';
import { noteLine, print, progress } from '../output.js';
import { percent } from '../text/columns.js';

interface Options {
  only?: string[];
  against?: string[];
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
        'the snapshots that the recipe asked for with snapshots.epochs.',
    )
    .argument('<RUN>', 'the run folder')
    .option('--only <NAME...>', 'these figures alone')
    .option('--against <RUN2>', 'a run to compare with; may be given several times', collect)
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
  ]).action(
    async (run: string, { only, against, neighbours, out = runPaths(run).figures, json }: Options) => {
      const { figures, agreement, notes } = await withRuns([run, ...(against ?? [])], ([own, ...others]) => {
        requireWritable(join(out, 'figure.svg'));
        return figuresOfRun(own, { only, against: others, neighbours, progress });
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
