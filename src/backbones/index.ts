/** Backbones by name. Adding one is a file beside this and a line in the table. */
import type { Backbone } from './backbone.js';
import { type ResidualCnnOptions, residualCnn } from './residualCnn.js';
import { type VitOptions, vit } from './vit.js';

export type { Backbone } from './backbone.js';
export { type ResidualCnnOptions, residualCnn } from './residualCnn.js';
export { VIT_SMALL, type VitOptions, vit } from './vit.js';

/** A backbone's name with its sizes, as a recipe states them. */
export type BackboneChoice =
  | ({ readonly name: 'residual-cnn' } & ResidualCnnOptions)
  | ({ readonly name: 'tiny-vit' } & VitOptions);

/** The backbone that a recipe names. */
export function createBackbone(choice: BackboneChoice): Backbone {
  switch (choice.name) {
    case 'residual-cnn':
      return residualCnn(choice);
    case 'tiny-vit':
      return vit(choice, 'tiny-vit');
  }
}
