/** `hier export`: a run as a folder to give away, with a proof and a card; or its tuned weights back in their ONNX file. */

import { type Command, InvalidArgumentError } from 'commander';
import { type ExportResult, exportRun } from '../../runs/export/export.js';
import { exportInto, type IntoResult } from '../../runs/export/intoOnnx.js';
import { withRun } from '../../runs/run.js';
import { examples, jsonOption, wholeNumber } from '../options.js';
import { print, progress } from '../output.js';
import { textTable, whole } from '../text/columns.js';

interface Options {
  out: string;
  into?: string;
  data?: string;
  images: number;
  tolerance: number;
  metrics: boolean;
  licence?: string;
  json?: boolean;
}

/** Adds the command. */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .summary('write a trained network as ONNX with a parity report and a model card')
    .description(
      'Writes into a folder: model.onnx; model.json, which hier needs; preprocessing.json (how an image becomes an input); ' +
        'parity.json (how far the file is from the training graph); and README.md, a model card. With --into, the tuned weights are written into a copy of the ONNX file that the run was made from, ' +
        'and nothing else of it is changed; a parity report lies beside it. Exit code 1 when file and graph differ by more than the tolerance.',
    )
    .argument('<RUN>', 'the run folder')
    .requiredOption('--out <PATH>', 'the folder to make; with --into the ONNX file to make')
    .option(
      '--into <FILE>',
      'the ONNX file that the run was made from (backbone.onnx), to write its tuned weights into a copy of',
    )
    .option('--data <SOURCE>', "other data than the run's for the comparison and the metrics")
    .option('--images <N>', 'images to compare on', wholeNumber(1), 8)
    .option('--tolerance <X>', 'largest difference of a coordinate that is accepted', positive, 1e-4)
    .option('--no-metrics', 'leave the evaluation on the test classes out of the card')
    .option('--licence <TEXT>', 'terms of the model, for the card');
  examples(jsonOption(command), [
    ['hier export runs/demo --out exported', 'the demo, ready for onnxruntime'],
    ['hier export runs/cub --out exported --images 32 --licence CC-BY-NC-4.0', 'compared on more images'],
    [
      'hier export runs/shop --into dinov2.onnx --out tuned.onnx',
      'for transformers.js and others: the same file, tuned',
    ],
  ]).action(async (run: string, { out, into, data, images, tolerance, metrics, licence, json }: Options) => {
    if (into !== undefined) {
      const written = await withRun(run, (opened) =>
        exportInto(opened, { original: into, out, source: data, images, tolerance, progress }),
      );
      print(json, written, intoText(written));
      if (!written.parity.passed) process.exitCode = 1;
      return;
    }
    const result = await withRun(run, (opened) =>
      exportRun(opened, { out, source: data, images, tolerance, metrics, licence, progress }),
    );
    print(json, result, exportText(result));
    if (!result.parity.passed) process.exitCode = 1;
  });
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

/** What was written into a copy of the original. */
function intoText({ out, beside, replaced, unchanged, report, parity }: IntoResult): string {
  const told = `${whole(replaced.length)} arrays have new values, ${whole(unchanged.length)} the ones they had; nothing else is changed.`;
  return `${exportText({ files: [out, ...beside, report], parity })}\n\n${told}`;
}

/** What was written, and the parity. */
function exportText({ files, parity }: Pick<ExportResult, 'files' | 'parity'>): string {
  const columns = ['the exported file beside', 'largest', 'mean'].map((title, i) => ({
    title,
    right: i > 0,
  }));
  const rows = parity.rows.map((row) => [row.with, row.largest.toExponential(1), row.mean.toExponential(1)]);
  return [
    ...files.map((file) => `wrote ${file}`),
    '',
    `Absolute differences of coordinates over ${whole(parity.inputs.count)} inputs (${parity.inputs.from}); accepted are ${parity.tolerance}: ${parity.passed ? 'passed' : 'FAILED'}`,
    '',
    textTable(columns, rows),
  ].join('\n');
}
