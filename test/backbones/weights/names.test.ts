import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { belonging } from '../../../src/backbones/weights/index.js';

describe('names of tensors', () => {
  it('of timm, DINO, DeiT and torchvision stay, with and without a prefix', () => {
    for (const name of [
      'cls_token',
      'dist_token',
      'pos_embed',
      'patch_embed.proj.weight',
      'blocks.11.attn.qkv.weight',
      'blocks.0.attn.proj.bias',
      'blocks.0.mlp.fc1.weight',
      'blocks.0.ls1.gamma',
      'norm.weight',
      'conv1.weight',
      'layer3.5.bn2.running_var',
      'layer2.0.downsample.1.bias',
    ])
      for (const prefix of ['', 'module.', 'backbone.', 'module.backbone.', 'parameter/backbone.'])
        assert.deepEqual(belonging(prefix + name), { name }, prefix + name);
  });

  it('of Hugging Face become those of timm', () => {
    const pairs: [string, string, number?][] = [
      ['vit.embeddings.cls_token', 'cls_token'],
      ['deit.embeddings.distillation_token', 'dist_token'],
      ['embeddings.position_embeddings', 'pos_embed'],
      ['embeddings.patch_embeddings.projection.bias', 'patch_embed.proj.bias'],
      ['encoder.layer.7.attention.attention.query.weight', 'blocks.7.attn.qkv.weight', 0],
      ['encoder.layer.7.attention.attention.key.bias', 'blocks.7.attn.qkv.bias', 1],
      ['deit.encoder.layer.10.attention.attention.value.weight', 'blocks.10.attn.qkv.weight', 2],
      ['encoder.layer.0.attention.output.dense.weight', 'blocks.0.attn.proj.weight'],
      ['encoder.layer.0.intermediate.dense.bias', 'blocks.0.mlp.fc1.bias'],
      ['encoder.layer.0.output.dense.bias', 'blocks.0.mlp.fc2.bias'],
      ['encoder.layer.0.layernorm_before.weight', 'blocks.0.norm1.weight'],
      ['encoder.layer.0.layernorm_after.bias', 'blocks.0.norm2.bias'],
      ['layernorm.weight', 'norm.weight'],
      ['dinov2.encoder.layer.0.norm1.weight', 'blocks.0.norm1.weight'],
      ['encoder.layer.0.layer_scale2.lambda1', 'blocks.0.ls2.gamma'],
      ['encoder.layer.0.mlp.fc2.weight', 'blocks.0.mlp.fc2.weight'],
      ['resnet.embedder.embedder.convolution.weight', 'conv1.weight'],
      ['resnet.embedder.embedder.normalization.running_mean', 'bn1.running_mean'],
      ['resnet.encoder.stages.0.layers.2.layer.1.convolution.weight', 'layer1.2.conv2.weight'],
      ['resnet.encoder.stages.3.layers.0.layer.2.normalization.bias', 'layer4.0.bn3.bias'],
      ['resnet.encoder.stages.1.layers.0.shortcut.convolution.weight', 'layer2.0.downsample.0.weight'],
      ['resnet.encoder.stages.1.layers.0.shortcut.normalization.weight', 'layer2.0.downsample.1.weight'],
      ['blocks.3.attn.q_proj.weight', 'blocks.3.attn.qkv.weight', 0],
      ['blocks.3.attn.v.bias', 'blocks.3.attn.qkv.bias', 2],
    ];
    for (const [given, name, part] of pairs)
      assert.deepEqual(belonging(given), part === undefined ? { name } : { name, part }, given);
  });

  it('of classifiers, poolers, masks and counters are not needed; anything else is', () => {
    for (const name of [
      'head.weight',
      'head_dist.bias',
      'fc.weight',
      'classifier.1.weight',
      'cls_classifier.bias',
      'distillation_classifier.weight',
      'vit.pooler.dense.weight',
      'embeddings.mask_token',
      'mask_token',
      'layer1.0.bn1.num_batches_tracked',
      'resnet.embedder.embedder.normalization.num_batches_tracked',
      'mean/backbone.cls_token',
      'parameter/class_proxies',
    ])
      assert.equal(belonging(name), null, name);
    assert.deepEqual(belonging('register_tokens'), { name: 'register_tokens' });
    assert.deepEqual(belonging('pre_logits.fc.weight'), { name: 'pre_logits.fc.weight' });
  });
});
