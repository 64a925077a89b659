/** Backbones by name. Adding one is a file beside this and a line in the table; a published one stands in `published.ts`. */
import type { Backbone } from './backbone.js';
import { PUBLISHED, type PublishedName, type PublishedOptions } from './published.js';
import { type ResidualCnnOptions, residualCnn } from './residualCnn.js';
import { type VitOptions, vit } from './vit.js';

export type { Backbone } from './backbone.js';
export {
  isPublished,
  PUBLISHED,
  type PublishedBackbone,
  type PublishedName,
  type PublishedOptions,
} from './published.js';
export { type ResidualCnnOptions, residualCnn } from './residualCnn.js';
export { RESNET_50, type ResnetOptions, resnet } from './resnet.js';
export { DISTILLED_FEATURES, type DistilledFeature, VIT_SMALL, type VitOptions, vit } from './vit.js';

/** A backbone's name with its sizes, as a recipe states them. */
export type BackboneChoice =
  | ({ readonly name: 'residual-cnn' } & ResidualCnnOptions)
  | ({ readonly name: 'tiny-vit' } & VitOptions)
  | ({ readonly name: PublishedName } & PublishedOptions);

/** The backbone that a recipe names. */
export function createBackbone(choice: BackboneChoice): Backbone {
  switch (choice.name) {
    case 'residual-cnn':
      return residualCnn(choice);
    case 'tiny-vit':
      return vit(choice, 'tiny-vit');
    default:
      return PUBLISHED[choice.name].create(choice, choice.name);
  }
}
