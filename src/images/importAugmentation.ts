/**
 * An augmentation from outside, imported by a worker thread from the module that it names. Functions cannot be sent to
 * a thread; an address can.
 */
import { UsageError } from '../errors.js';
import type { Augmentation } from './augmentation.js';

/** Where an augmentation is imported from. */
export interface AugmentationAddress {
  /** Its name in the recipe. */
  readonly name: string;
  /** URL of the module. */
  readonly module: string;
  /** The name that the module exports it by. */
  readonly exportName: string;
}

/**
 * The address of an augmentation; undefined for hier's own, which every thread has.
 * @throws UsageError for one that is not hier's and names no module
 */
export function addressOf(
  name: string,
  { module, exportName = 'default' }: Augmentation,
  isOwn: boolean,
): AugmentationAddress | undefined {
  if (isOwn) return undefined;
  if (module === undefined)
    throw new UsageError(
      `The augmentation "${name}" does not say which module it is in. Images are prepared in worker threads, and a function cannot be sent to a thread: define it in a module of its own, export it as default, and add module: import.meta.url.`,
    );
  return { name, module, exportName };
}

/**
 * Imports an augmentation.
 * @throws UsageError when the module cannot be imported here, or does not export it
 */
export async function importAugmentation({
  name,
  module,
  exportName,
}: AugmentationAddress): Promise<Augmentation> {
  let exported: Record<string, unknown>;
  try {
    exported = await import(module);
  } catch (cause) {
    throw new UsageError(
      `The augmentation "${name}" cannot be imported by a worker thread from ${module}: ${(cause as Error).message}`,
      { cause },
    );
  }
  const found = exported[exportName] as Partial<Augmentation> | undefined;
  if (typeof found?.build === 'function') return found as Augmentation;
  const names = Object.keys(exported).join(', ') || 'nothing';
  throw new UsageError(
    `${module} does not export the augmentation "${name}" as "${exportName}", but ${names}. Worker threads import it from there: export it by that name, or name its export with exportName.`,
  );
}
