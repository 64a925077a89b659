/**
 * Where the published weights are found, by name. All are safetensors files with timm's names in repositories of
 * the Hugging Face hub; a mirror with the same paths serves as well.
 */
import type { PublishedName } from '../index.js';

/** Published weights. */
export interface WeightsSource {
  /** The backbone that they are for, which has the same name. */
  readonly name: PublishedName;
  /** Repository on the hub. */
  readonly repository: string;
  /** File in it. */
  readonly file: string;
  /** Size of the download, roughly, in MB. */
  readonly megabytes: number;
}

const timm = (name: PublishedName, repository: string, megabytes: number): WeightsSource => ({
  name,
  repository: `timm/${repository}`,
  file: 'model.safetensors',
  megabytes,
});

/** The published weights that have a name. */
export const SOURCES: readonly WeightsSource[] = [
  timm('vit-s16', 'vit_small_patch16_224.augreg_in21k_ft_in1k', 88),
  timm('deit-s16', 'deit_small_distilled_patch16_224.fb_in1k', 90),
  timm('dino-s16', 'vit_small_patch16_224.dino', 87),
  timm('dinov2-s14', 'vit_small_patch14_dinov2.lvd142m', 88),
  timm('resnet50', 'resnet50.tv_in1k', 102),
];

/** Their names. */
export const WEIGHTS_NAMES: readonly PublishedName[] = SOURCES.map(({ name }) => name);

/** Whether there are published weights of this name. */
export function isWeightsName(name: string): name is PublishedName {
  return (WEIGHTS_NAMES as readonly string[]).includes(name);
}

/** The hub, or the mirror that `$HF_ENDPOINT` names. */
export function hubAddress(environment: NodeJS.ProcessEnv = process.env): string {
  return (environment.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
}

/** Address of a file on the hub or a mirror of it. */
export function addressOf({ repository, file }: WeightsSource, hub = hubAddress()): string {
  return `${hub.replace(/\/+$/, '')}/${repository}/resolve/main/${file}`;
}
