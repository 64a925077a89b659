/** What a training that is spread over machines has to be like; said before it starts. */
import { UsageError } from '../../errors.js';
import { isFrozen } from '../../recipe/checks.js';
import type { Recipe } from '../../recipe/load.js';
import { NO_AUGMENTATION, OWN_PARTS } from '../../recipe/parts.js';

/**
 * Refuses what cannot be computed by workers.
 * @throws UsageError that names it
 */
export function requireSpreadable({ engine, images, backbone }: Recipe): void {
  if (engine.device !== 'cpu')
    throw new UsageError(
      `Workers compute on processors, and engine.device is "${engine.device}", which has one replica. Set engine.device=cpu, or leave --workers out.`,
    );
  const { kind } = images.augment;
  if (kind !== NO_AUGMENTATION && !Object.hasOwn(OWN_PARTS.augmentations, kind))
    throw new UsageError(
      `The augmentation "${kind}" comes from your program, and workers on other machines do not have it. Use one of hier's own, or train without workers.`,
    );
  if (isFrozen({ backbone }) && !Object.hasOwn(OWN_PARTS.backbones, backbone.name))
    throw new UsageError(
      `The backbone "${backbone.name}" comes from your program, and workers on other machines do not have the part of it that is not trained (backbone.trainFrom). Leave trainFrom out, or train without workers.`,
    );
}
