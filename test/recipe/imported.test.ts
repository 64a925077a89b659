import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DataError, UsageError } from '../../src/errors.js';
import { checkRecipe, loadRecipe, recipeToYaml } from '../../src/recipe/load.js';
import { networkBytes } from '../backbones/frozen/support.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'net.onnx');
const bytes = networkBytes({ tokens: true });
writeFileSync(file, bytes);
const config = join(folder, 'preprocessor_config.json');
const write = (settings: object) => writeFileSync(config, JSON.stringify(settings));
write({ size: { shortest_edge: 12 }, crop_size: 8, image_mean: [0.4, 0.5, 0.6], image_std: [0.2, 0.2, 0.2] });

const isUsage = (pattern: RegExp) => (error: unknown) =>
  error instanceof UsageError && pattern.test(error.message);

describe('a recipe whose backbone is a network from a file', () => {
  it('takes size and normalisation from beside the file, and pins output and checksum', () => {
    const { backbone, images } = loadRecipe('photos', [`backbone.onnx=${file}`]);
    assert.equal(backbone.name, 'onnx');
    assert.deepEqual(
      [backbone.file, backbone.output, backbone.sha256],
      [file, 'last_hidden_state:class-token', createHash('sha256').update(bytes).digest('hex')],
    );
    const { size, resizeTo, fit, mean, std } = images;
    assert.deepEqual(
      { size, resizeTo, fit, mean, std },
      {
        size: 8,
        resizeTo: 12,
        fit: 'cover',
        mean: [0.4, 0.5, 0.6],
        std: [0.2, 0.2, 0.2],
      },
    );
  });

  it('says the same in the long form, in YAML and as an object', () => {
    const short = loadRecipe('photos', [`backbone.onnx=${file}`]);
    assert.deepEqual(loadRecipe('photos', ['backbone.name=onnx', `backbone.file=${file}`]), short);
    const yaml = join(folder, 'photos.yaml');
    writeFileSync(yaml, `extends: fine-tune\nbackbone:\n  onnx: ${file}\n`);
    assert.deepEqual(loadRecipe(yaml), short);
    assert.deepEqual(
      checkRecipe({ ...short, backbone: { onnx: file, trainFrom: 0.35 } }).backbone,
      short.backbone,
    );
  });

  it('does not take sizes over from a recipe for another network, but from what is said beside it', () => {
    const { images } = loadRecipe('demo', [`backbone.onnx=${file}`, 'images.mean=[0,0,0]']);
    assert.deepEqual([images.size, images.store, images.resizeTo, images.fit], [8, null, 12, 'cover']);
    assert.deepEqual(
      [images.mean, images.std],
      [
        [0, 0, 0],
        [0.2, 0.2, 0.2],
      ],
    );
    assert.equal(images.augment.kind, 'warp');
  });

  it('takes the output that is named, and says which there are', () => {
    const { backbone } = loadRecipe('photos', [`backbone.onnx=${file}`, 'backbone.output=mean-tokens']);
    assert.ok(backbone.name === 'onnx' && backbone.output === 'mean-tokens');
    assert.throws(
      () => loadRecipe('photos', [`backbone.onnx=${file}`, 'backbone.output=pooled']),
      isUsage(/class-token.*mean-tokens/),
    );
  });

  it('is read back from its own YAML without the file', () => {
    const recipe = loadRecipe('photos', [`backbone.onnx=${file}`]);
    const stored = join(folder, 'stored.yaml');
    const gone = { ...recipe, backbone: { ...recipe.backbone, file: join(folder, 'gone.onnx') } };
    writeFileSync(stored, recipeToYaml(gone as typeof recipe));
    assert.deepEqual(loadRecipe(stored), gone);
  });

  it('refuses what does not fit, naming it', () => {
    assert.throws(
      () => loadRecipe('photos', [`backbone.onnx=${file}`, 'backbone.name=resnet50']),
      isUsage(/name two backbones/),
    );
    assert.throws(
      () => loadRecipe('photos', [`backbone.onnx=${join(folder, 'absent.onnx')}`]),
      isUsage(/There is no file .*absent\.onnx/),
    );
    assert.throws(
      () => loadRecipe('photos', [`backbone.onnx=${file}`, 'images.size=16']),
      isUsage(/made for images of 8 × 8 px/),
    );
    assert.throws(() => loadRecipe('photos', ['backbone.name=onnx']), isUsage(/backbone\.file/));
    const text = join(folder, 'pointer.onnx');
    writeFileSync(text, 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
    assert.throws(
      () => loadRecipe('photos', [`backbone.onnx=${text}`]),
      (error) => error instanceof DataError && /Git LFS/.test(error.message),
    );
    assert.throws(
      () => loadRecipe('photos', [`backbone.onnx=${file}`, `backbone.sha256=${'a'.repeat(64)}`]),
      (error) =>
        error instanceof DataError && /not the network that the recipe was made with/.test(error.message),
    );
  });
});
