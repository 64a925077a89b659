/** Reproductions of the paper as text: the plan before it begins, and what was measured beside what was published. */
import type { ReproductionPlan } from '../../experiments/plan.js';
import type { Reproduction } from '../../experiments/reproduce.js';
import { formatDuration } from '../../runs/progress.js';
import { noteLine } from '../../runs/terminal.js';
import { counted } from '../../shown.js';
import { percent, textTable, whole } from './columns.js';

const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** A plan as lines of text. */
export function planText(plan: ReproductionPlan): string {
  const { preset, recipe, data, spreading, memory, time } = plan;
  const { replicas, microbatch, kept } = spreading;
  const size = ({ images, classes }: { images: number; classes: number }) =>
    `${counted(images, 'image')} of ${counted(classes, 'class')}`;
  const part = recipe.batch.size / replicas;
  const again = Math.max(0, part - kept * microbatch);
  const lines: (readonly [string, string])[] = [
    [
      'preset',
      `${preset.name}: ${preset.dataset}, ${recipe.backbone.name}, ${recipe.head.embeddingSize} dimensions`,
    ],
    ['data', `${data.path}: training ${size(data.train)}, test ${size(data.test)}`],
    [
      'weights',
      plan.weights ?? (plan.missingWeights ? `missing. ${plan.missingWeights}` : 'none: random values'),
    ],
    [
      'steps',
      `${whole(plan.steps)}: ${counted(plan.epochs, 'epoch')} of ${counted(plan.stepsPerEpoch, 'step')} of ${counted(recipe.batch.size, 'image')}`,
    ],
    [
      'spread',
      `${counted(replicas, 'replica')} of ${counted(part, 'image')} each, ` +
        (microbatch === part
          ? 'all at once'
          : `${microbatch} at a time, ${again === 0 ? 'none' : again} embedded twice (gradient caching)`),
    ],
    ['memory', `${gb(memory.estimate)} estimated, ${gb(memory.budget)} allowed`],
    ...(time ? timeLines(time, plan) : []),
    [
      'published',
      plan.unlike.length > 0
        ? `not compared with, for this is not what the paper measured: ${plan.unlike.join('; ')}`
        : `${preset.published.map(({ k, recall }) => `R@${k} ${percent(recall)}`).join('  ')} percent`,
    ],
  ];
  const width = Math.max(...lines.map(([title]) => title.length));
  return [
    ...lines.map(([title, text]) => `${title.padEnd(width)}  ${text}`),
    ...plan.changes.map((change) => `not as in the paper: ${change}`),
    ...plan.notes.map(noteLine),
  ].join('\n');
}

function timeLines(
  { cost, load, step, training, evaluation }: NonNullable<ReproductionPlan['time']>,
  { recipe, spreading }: ReproductionPlan,
): [string, string][] {
  const ms = (seconds: number) => `${whole(Math.round(1000 * seconds))} ms`;
  const { replicas, microbatch, kept } = spreading;
  const again = Math.max(0, recipe.batch.size - replicas * kept * microbatch);
  return [
    [
      'time',
      `${formatDuration(training)} for training (${formatDuration(step)} a step), ${formatDuration(evaluation)} for embedding the test images`,
    ],
    [
      'measured',
      `just now on this machine: ${cost.replicas} × ${cost.microbatch} images forward ${ms(cost.forward)}, backward ${ms(cost.backward)}; ` +
        `losses of a full batch ${ms(cost.loss)}; update ${ms(cost.update)}; one image prepared in ${ms(load)}; up to ${gb(cost.peakBytes)}`,
    ],
    [
      'reckoned',
      `a step = ${recipe.batch.size} images at that pace, ${again > 0 ? `${again} of them forward twice, ` : ''}+ losses + update + preparing ${recipe.batch.size} images`,
    ],
  ];
}

/** Measured beside published. */
export function reproductionText({
  preset,
  run: folder,
  figures,
  test,
  testCurve,
  changes,
  unlike,
  notes,
}: Reproduction): string {
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;
  const isCompared = unlike.length === 0;
  const rows = figures.map(({ k, measured, published, difference }) => [
    `R@${k}`,
    percent(measured),
    ...(isCompared ? [published === null ? '–' : percent(published)] : []),
    ...(isCompared ? [difference === null || !Number.isFinite(difference) ? '–' : signed(difference)] : []),
  ]);
  const titles = ['', 'measured', ...(isCompared ? ['published', 'difference'] : [])];
  const columns = titles.map((title, i) => ({ title, right: i > 0 }));
  return [
    `${preset.name} in ${folder}: ${counted(test.queries, 'query')}, ${counted(test.images, 'test image')} of ${counted(test.classes, 'class')} (percent)`,
    '',
    textTable(columns, rows),
    ...(testCurve
      ? [
          '',
          `test curve: R@${testCurve.k} was highest after epoch ${testCurve.epoch}, ${percent(testCurve.best)}, of ${counted(testCurve.looks, 'look')} at the test classes. It chose nothing; the best of many looks is higher than what the network is worth.`,
        ]
      : []),
    ...(changes.length + unlike.length + notes.length > 0 ? [''] : []),
    ...unlike.map((reason) => `not compared with the paper: ${reason}`),
    ...changes.map((change) => `not as in the paper: ${change}`),
    ...notes.map(noteLine),
  ].join('\n');
}
