/** The map of a collection in the Poincaré disk, as a component of any page. */
export {
  createMap,
  type InteractiveMap,
  type MapEvents,
  type MapLook,
  type MapOptions,
} from './createMap.js';
export type { MapColumn, MapData, MapNode, MapPoints } from './data.js';
