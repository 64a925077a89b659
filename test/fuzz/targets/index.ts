/** Every format that hier reads. A reader of a new format gets a line here. */
import type { Target } from '../target.js';
import { ARCHIVE_TARGETS } from './archives.js';
import { LIST_TARGETS } from './lists.js';
import { NETWORK_TARGETS } from './networks.js';
import { PICTURE_TARGETS } from './pictures.js';
import { VECTOR_TARGETS } from './vectors.js';

/** All targets. */
export const TARGETS: readonly Target[] = [
  ...VECTOR_TARGETS,
  ...LIST_TARGETS,
  ...ARCHIVE_TARGETS,
  ...PICTURE_TARGETS,
  ...NETWORK_TARGETS,
];
