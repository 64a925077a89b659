/** Trains two epochs with a backbone that hier does not ship: node ownBackbone.js FOLDER */
import { backbone, loadRecipe, train } from '@hier-ml/hier';
import * as graph from '@hier-ml/hier/graph';
import { convolution, layerNorm } from '@hier-ml/hier/nn';
import { drawings } from './drawings.js';

const halvings = backbone({
  about: 'convolutions that halve the image, then the mean over what is left',
  settings: {
    stages: { default: 3, whole: true, least: 1, most: 6, about: 'halvings of the image, 1 to 6' },
    width: { default: 24, whole: true, least: 1, most: 4096, about: 'channels of each' },
  },
  problems: ({ stages }, { size }) =>
    size % 2 ** stages === 0
      ? []
      : [`"images.size" (${size}) must be a multiple of ${2 ** stages} for ${stages} "backbone.stages".`],
  build: ({ stages, width }) => ({
    width,
    forward: (images, scope) => {
      let x = images; // [B, 3, S, S]
      for (let i = 0; i < stages; i++)
        x = graph.relu(convolution(scope, `backbone.${i}`, x, width, { kernel: 4, stride: 2, padding: 1 }));
      return layerNorm(scope, 'backbone.norm', graph.globalAveragePool(x)); // [B, width]
    },
  }),
});

const folder = process.argv[2] ?? 'own-backbone';
const backbones = { halvings };
const choice = ['backbone.name=halvings', 'backbone.stages=4'];
const recipe = loadRecipe('smoke', [...(await drawings(`${folder}/drawings`)), ...choice], { backbones });
const { best, steps } = await train({ recipe, folder: `${folder}/run`, backbones });
console.log(`${steps} steps, R@1 ${best?.value.toFixed(2)} on held-out classes`);
