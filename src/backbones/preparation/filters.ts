/** Interpolation filters as the files beside networks name them. What they do is known elsewhere. */

/** Pillow's filters, by their numbers. */
export const FILTERS = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;

/** The name of a filter. */
export type Filter = (typeof FILTERS)[number];
