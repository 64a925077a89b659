/**
 * No network in front of the head: the data are feature vectors of any model, and the head is trained on them as they
 * are.
 */
import { UsageError } from '../errors.js';
import { backbone } from './backbone.js';

/** Feature vectors as they are, for the registry of backbones. */
export const identityBackbone = backbone({
  about: 'none: the data are feature vectors of any model',
  takes: 'vectors',
  settings: {
    width: {
      default: null,
      whole: true,
      least: 1,
      most: 1_000_000,
      about: 'numbers in a feature vector; null takes it from the data',
    },
  },
  build: ({ width }) => {
    if (width === null)
      throw new UsageError('The length of the feature vectors is not known: set backbone.width.');
    return { width, forward: (vectors) => vectors };
  },
});
