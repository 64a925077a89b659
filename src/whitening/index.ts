/** Closed forms of features with class labels: centring, whitening within classes, and the two-covariance model. */
export {
  CLOSED_FORM_TEXTS,
  CLOSED_FORMS,
  type ClosedForm,
  type ClosedFormName,
  closedForms,
  MOST_NUMBERS,
} from './closedForms.js';
export { type Grouping, type Kinship, kinshipForm } from './kinship.js';
export { type AffineMap, mapped } from './products.js';
export { reduced } from './reduce.js';
export { unitRows } from './unit.js';
