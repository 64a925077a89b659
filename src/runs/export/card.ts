/**
 * The card of an exported model as Markdown: what it is and is not for, data, recipe, what was measured, limits,
 * terms. It only states what the run's own files say, and says where they say nothing.
 */

import { BACKBONES, isPublished } from '../../backbones/index.js';
import { type ModelInfo, metricOf } from '../../model/files.js';
import { type Recipe, recipeToYaml } from '../../recipe/load.js';
import { counted } from '../../shown.js';
import { splitsOf } from '../data.js';
import type { RunEvaluation } from '../evaluation/evaluate.js';
import type { Parity } from './parity.js';

/** What a card is written from. */
export interface CardParts {
  readonly info: ModelInfo;
  readonly recipe: Recipe;
  readonly parity: Parity;
  /** Null when nothing was measured. */
  readonly evaluation: RunEvaluation | null;
  /** What `data.json` of the run says. */
  readonly data: Readonly<Record<string, unknown>> | null;
  /** What `environment.json` of the run says. */
  readonly environment: Readonly<Record<string, unknown>> | null;
  /** Authors of the images. */
  readonly attribution: readonly string[];
  /** Terms of the model; absent: the card says that none were stated. */
  readonly licence?: string;
}

/** The card. */
export function modelCard(parts: CardParts): string {
  const { info, recipe } = parts;
  const side = info.preprocessing.size;
  const input =
    info.vectors === undefined ? `RGB images of ${side} × ${side} px` : `vectors of ${info.vectors} numbers`;
  const space =
    info.curvature > 0
      ? `points of the Poincaré ball with c = ${info.curvature} (radius ${(1 / Math.sqrt(info.curvature)).toFixed(3)})`
      : 'points of the unit sphere';
  return `${[
    `# ${info.name}`,
    `An embedding network trained with hier: from ${input} to ${info.embeddingSize} numbers, ${space}. Near ` +
      'embeddings mean alike classes; it is meant for retrieval among classes that training has not seen, and names no classes.',
    filesSection(),
    dataSection(parts),
    metricsSection(parts),
    paritySection(parts.parity),
    limitsSection(parts),
    licenceSection(parts),
    `## Recipe\n\n\`\`\`yaml\n${recipeToYaml(recipe).trimEnd()}\n\`\`\``,
  ].join('\n\n')}\n`;
}

const filesSection = (): string =>
  [
    '## Files',
    '',
    '- `model.onnx`: the network with its weights, standard ONNX operators, any number of inputs at once',
    '- `preprocessing.json`: how an image becomes an input, step by step, and what the output means',
    '- `model.json`: the same for hier, which takes this folder in place of a run: `hier embed FOLDER IMAGES --out FILE`',
    '- `parity.json`: how far the file is from the training graph',
  ].join('\n');

function dataSection({ data, info, recipe, attribution, environment }: CardParts): string {
  const size = (split: string) => {
    const one = splitsOf(data).get(split);
    return one
      ? `${counted(one.images, info.vectors === undefined ? 'image' : 'vector')} of ${counted(one.classes, 'class')}`
      : 'not recorded';
  };
  const trained = info.trained.epoch;
  const made = environment
    ? `hier ${environment.hier}, ${environment.date}, ${environment.cpu}, ONNX Runtime ${environment.onnxruntime}`
    : 'not recorded';
  return [
    '## Data and training',
    '',
    `- Data: ${data?.name ?? recipe.data.source}; training ${size('train')}, held out for validation ${size('validation')}, unseen test ${size('test')}`,
    `- Fingerprint (SHA-256 of names, labels, splits and files): \`${info.trained.data}\``,
    `- Network: ${networkText(recipe)}`,
    `- Kept: the network after epoch ${trained} of ${recipe.schedule.epochs}, seed ${info.trained.seed}`,
    `- Made with: ${made}`,
    ...(attribution.length > 0
      ? ['', 'The images are by:', '', ...attribution.map((line) => `- ${line}`)]
      : ['- Authors of the images: the data set names none; see where it was published']),
  ].join('\n');
}

function networkText({ backbone }: Recipe): string {
  if (!isPublished(backbone.name)) return `${backbone.name}, ${startOf(backbone)}`;
  return `${backbone.name} (${BACKBONES[backbone.name].about}), ${startOf(backbone)}`;
}

function startOf(backbone: Recipe['backbone']): string {
  const { weights = 'none' } = backbone;
  return weights === 'none' ? 'started from random values' : `started from the weights ${weights}`;
}

function metricsSection({ evaluation, info }: CardParts): string {
  if (!evaluation) return '## Metrics\n\nNone were measured for this export.';
  const { data, measures, rows, notes } = evaluation;
  const shown = rows.filter((row) => row.role === 'run');
  const main = metricOf(info);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const number = (value: number) => (Number.isFinite(value) ? (100 * value).toFixed(1) : '–');
  return [
    '## Metrics',
    '',
    `Percent, exact, on the ${data.split} split of ${data.source}: ${counted(data.images, data.kind)} of ${counted(data.classes, 'class')}.`,
    '',
    line([
      'similarity',
      ...measures.map((measure) => measure.replace('recall', 'R').replace('map@r', 'MAP@R')),
    ]),
    line(['---', ...measures.map(() => '---:')]),
    ...shown.map(({ metric, metrics }) =>
      line([metric === main ? `${metric} (its own)` : metric, ...measures.map((m) => number(metrics[m]))]),
    ),
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []),
  ].join('\n');
}

function paritySection({ inputs, tolerance, passed, rows }: Parity): string {
  return [
    '## Parity',
    '',
    `Largest absolute difference of a coordinate over ${inputs.count} inputs (${inputs.from}); accepted are ${tolerance}: **${passed ? 'passed' : 'failed'}**.`,
    '',
    '| the exported file beside | largest | mean |',
    '| --- | ---: | ---: |',
    ...rows.map((row) => `| ${row.with} | ${row.largest.toExponential(1)} | ${row.mean.toExponential(1)} |`),
  ].join('\n');
}

function limitsSection({ info, recipe, evaluation }: CardParts): string {
  return [
    '## Limits',
    '',
    '- It was trained and measured on the data above alone. On other images expect less, and measure first.',
    evaluation
      ? '- The metrics are of one training with one seed; another seed gives other numbers.'
      : '- Nothing is claimed about its quality.',
    '- An image that is prepared in another way (another resize filter, colours or crop) has another embedding; `preprocessing.json` is binding.',
    ...(info.curvature > 0 && recipe.head.layerNorm
      ? [
          '- Features are normalised before the head, so embeddings lie on or near one sphere, where the hyperbolic order is nearly that of cosine.',
        ]
      : []),
    '- It is not a means to identify people, and it carries whatever bias its data and its first weights have.',
  ].join('\n');
}

function licenceSection({ licence, recipe }: CardParts): string {
  const weights = 'weights' in recipe.backbone ? recipe.backbone.weights : 'none';
  return [
    '## Licence',
    '',
    licence === undefined
      ? 'Whoever exported this model stated no licence. The licence of hier is one for its code, not for models made with it.'
      : licence,
    '',
    '- The terms of the training data hold as well: the four benchmarks of the paper are for research.',
    ...(weights === 'none' ? [] : [`- So do those of the weights that training started from (${weights}).`]),
  ].join('\n');
}
