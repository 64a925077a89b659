/** `hier doctor --device`: whether a graphics card computes what the processor does, operator by operator. It parses nothing. */
import { UsageError } from '../../../errors.js';
import type { Device } from '../../../graph/index.js';
import { type OperatorParity, PARITY_TOLERANCE } from '../../../graph/parity.js';
import { METRIC_LOSSES } from '../../../losses/registry.js';
import { checkRecipe, loadRecipe, type Recipe } from '../../../recipe/load.js';
import { OWN_PARTS } from '../../../recipe/parts.js';
import { recipeOf } from '../../../runs/data.js';
import { isRunFolder } from '../../../runs/verify.js';
import { counted } from '../../../shown.js';
import { recipeParity } from '../../../training/device.js';
import { print } from '../../output.js';
import { textTable } from '../../text/columns.js';

/** Prints what a device makes of the operators of a run's network and losses, or of hier's own; exit code 1 when one fails. */
export async function examineDevice(
  device: Device,
  folder: string | undefined,
  json: boolean | undefined,
): Promise<void> {
  if (folder !== undefined && !isRunFolder(folder))
    throw new UsageError(`--device looks at the network of a run, and ${folder} is not the folder of a run.`);
  const recipes = folder === undefined ? usualRecipes() : [recipeOf(folder)];
  const found = await recipeParity(recipes, device, OWN_PARTS);
  const ok = found.every(({ failure }) => failure === undefined);
  print(json, { ok, device, tolerance: PARITY_TOLERANCE, operators: found }, report(device, found));
  if (!ok) process.exitCode = 1;
}

/** A convolutional network and a transformer, and every metric loss. */
function usualRecipes(): Recipe[] {
  const demo = loadRecipe('demo');
  const networks = [demo.backbone, { name: 'tiny-vit' }];
  return Object.keys(METRIC_LOSSES).map((name, i) =>
    checkRecipe({
      ...demo,
      backbone: networks[i % networks.length],
      losses: { ...demo.losses, metric: { name } },
    }),
  );
}

function report(device: Device, found: readonly OperatorParity[]): string {
  const rows = found.map(({ operator, kinds, isLeft, difference, failure }) => [
    operator,
    String(kinds),
    failure ?? (difference === 0 ? 'the same' : `within ${difference.toExponential(1)}`),
    isLeft ? 'left to the processor' : '',
  ]);
  const failed = found.filter(({ failure }) => failure !== undefined).length;
  const verdict =
    failed === 0
      ? `${device} computes ${counted(found.length, 'operator')} as the processor does, forward and backward.`
      : `${counted(failed, 'operator')} of ${found.length} must not be relied on: train and embed with the device cpu.`;
  return `${textTable(
    [{ title: 'operator' }, { title: 'kinds', right: true }, { title: device }, { title: '' }],
    rows,
  )}\n${verdict}`;
}
