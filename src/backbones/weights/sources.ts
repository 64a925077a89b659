/**
 * Where the published weights are found, by name. All are safetensors files with timm's names in repositories of
 * the Hugging Face hub; a mirror with the same paths serves as well.
 */
import { fileAddress } from '../hub/address.js';
import type { PublishedWeights } from '../published.js';
import { isPublished, PUBLISHED_NAMES, type PublishedName, publishedWeights } from '../registry.js';

/** Published weights and the backbone that they are for, which has the same name. */
export interface WeightsSource extends Pick<PublishedWeights, 'repository' | 'file' | 'megabytes'> {
  readonly name: PublishedName;
}

/** The published weights, in the order of the registry of backbones. */
export const SOURCES: readonly WeightsSource[] = PUBLISHED_NAMES.map((name) => {
  const { repository, file, megabytes } = publishedWeights(name);
  return { name, repository, file, megabytes };
});

/** Their names. */
export const WEIGHTS_NAMES: readonly PublishedName[] = PUBLISHED_NAMES;

/** Whether there are published weights of this name. */
export const isWeightsName = isPublished;

/** Address of a file on the hub or a mirror of it. */
export function weightsAddress({ repository, file }: WeightsSource, hub?: string): string {
  return fileAddress(repository, file, hub);
}
