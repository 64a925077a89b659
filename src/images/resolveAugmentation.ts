/**
 * An augmentation as it is asked for, checked and with all its settings. Threads that use one are given it so, and do not
 * load what checks.
 */
import { UsageError } from '../errors.js';
import { checkSettings } from '../settings/schema.js';
import type { AnyValues } from '../settings/setting.js';
import {
  AUGMENTATIONS,
  type Augmentations,
  type AugmentChoice,
  type AugmentOptions,
  chosenAugmentation,
} from './augment.js';

/**
 * Fills in defaults and checks every value.
 * @throws UsageError that names the setting, or for an augmentation that is not among `augmentations`
 */
export function resolveAugmentation(
  { kind, ...given }: AugmentOptions,
  augmentations: Augmentations = AUGMENTATIONS,
): AugmentChoice {
  const chosen = chosenAugmentation(kind, augmentations);
  const settings = checkSettings(chosen.settings, given, 'augment');
  const problems = chosen.problems?.(settings) ?? [];
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return { kind, ...settings } as AnyValues as AugmentChoice;
}
