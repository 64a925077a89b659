/** `hier report`: one page that tells all about a run. */

import type { Command } from 'commander';
import { requireWritable } from '../../io/atomic.js';
import { writeReport } from '../../runs/report/report.js';
import { withRuns } from '../../runs/run.js';
import { collect, examples, jsonOption } from '../options.js';
import { noteLine, print, progress } from '../output.js';

interface Options {
  against?: string[];
  out?: string;
  json?: boolean;
}

/** Adds the command. */
export function addReport(program: Command): void {
  const command = program
    .command('report')
    .summary('write one page that tells all about a run')
    .description(
      'Writes report.html into the run folder: recipe, data, curves, tables with intervals and controls, figures, the ' +
        'hierarchy to unfold, worst queries. One file that needs no network, for a screen, a phone or paper.',
    )
    .argument('<RUN>', 'the run folder')
    .option('--against <RUN2>', 'a run to compare with; may be given several times', collect)
    .option('--out <FILE.html>', 'another file than RUN/report.html');
  examples(jsonOption(command), [
    ['hier report runs/demo', 'writes runs/demo/report.html'],
    ['hier report runs/demo --against runs/proxy-anchor', 'beside another run'],
  ]).action(async (run: string, { against, out, json }: Options) => {
    if (out !== undefined) requireWritable(out);
    const result = await withRuns([run, ...(against ?? [])], ([own, ...others]) =>
      writeReport(own, { against: others, out, progress }),
    );
    print(json, result, [result.path, ...result.notes.map(noteLine)].join('\n'));
  });
}
