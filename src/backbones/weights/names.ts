/**
 * Names of tensors in published checkpoints → names of a backbone's arrays. Those are timm's, which torchvision,
 * DINO, DINOv2 and DeiT share; Hugging Face has its own, with queries, keys and values apart. Only names: shapes
 * are checked when they are loaded.
 */

/** Where a tensor of a checkpoint belongs. */
export interface Belonging {
  /** Name of the array without `backbone.`, in timm's spelling. */
  readonly name: string;
  /** For one of queries, keys and values that are stored apart: its place in the fused array, 0, 1 or 2. */
  readonly part?: 0 | 1 | 2;
}

/** What checkpoints put in front of all their names. */
const PREFIX = /^(?:module|model|backbone|vit|deit|dinov2|resnet)\./;

/** Checkpoints of hier's own runs. */
const OWN = /^(?:parameter|statistic)\//;

/** Spellings of Hugging Face's vision transformers and ResNets. */
const SPELLINGS: readonly (readonly [RegExp, string | ((...found: string[]) => string)])[] = [
  [/^embeddings\.(cls_token|mask_token|register_tokens)$/, '$1'],
  [/^embeddings\.distillation_token$/, 'dist_token'],
  [/^embeddings\.position_embeddings$/, 'pos_embed'],
  [/^embeddings\.patch_embeddings\.projection\./, 'patch_embed.proj.'],
  [/^encoder\.layer\./, 'blocks.'],
  [/\.attention\.attention\.(query|key|value)\./, '.attn.$1.'],
  [/\.attention\.output\.dense\./, '.attn.proj.'],
  [/\.intermediate\.dense\./, '.mlp.fc1.'],
  [/\.output\.dense\./, '.mlp.fc2.'],
  [/\.layernorm_before\./, '.norm1.'],
  [/\.layernorm_after\./, '.norm2.'],
  [/^layernorm\./, 'norm.'],
  [/\.layer_scale([12])\.lambda1$/, '.ls$1.gamma'],
  [/^embedder\.embedder\.convolution\./, 'conv1.'],
  [/^embedder\.embedder\.normalization\./, 'bn1.'],
  [/^encoder\.stages\.(\d+)\.layers\./, (_, stage) => `layer${Number(stage) + 1}.`],
  [/\.shortcut\.convolution\./, '.downsample.0.'],
  [/\.shortcut\.normalization\./, '.downsample.1.'],
  [/\.layer\.(\d+)\.convolution\./, (_, i) => `.conv${Number(i) + 1}.`],
  [/\.layer\.(\d+)\.normalization\./, (_, i) => `.bn${Number(i) + 1}.`],
];

const APART = /\.attn\.(?:(q)|(k)|(v)|(query)|(key)|(value))(?:_proj)?\.(weight|bias)$/;

/**
 * What a checkpoint may hold beside a backbone, by its name in timm's spelling: classifiers and poolers, which
 * a feature does not pass; the mask of masked training; counters of batch normalisation; and in checkpoints of
 * hier's own runs the head, proxies and moments of the optimizer.
 */
const NOT_NEEDED: readonly RegExp[] = [
  /^(?:head|head_dist|fc|classifier|cls_classifier|distillation_classifier)\./,
  /^pooler\./,
  /^mask_token$/,
  /\.num_batches_tracked$/,
  /^(?:mean|variance)\//,
  /^(?:class_proxies|hierarchical_proxies)$/,
];

/** Where the tensor `name` of a checkpoint belongs; null for what a backbone has no use for. */
export function belonging(name: string): Belonging | null {
  let own = name.replace(OWN, '');
  while (PREFIX.test(own)) own = own.replace(PREFIX, '');
  for (const [pattern, spelling] of SPELLINGS) own = own.replace(pattern, spelling as string);
  if (NOT_NEEDED.some((pattern) => pattern.test(own))) return null;
  const apart = APART.exec(own);
  if (!apart) return { name: own };
  const part = (apart.slice(1, 7).findIndex((found) => found !== undefined) % 3) as 0 | 1 | 2;
  return { name: own.replace(APART, `.attn.qkv.${apart[7]}`), part };
}
