/**
 * What was published of a cell, as rows beside measured ones: HIER's own, and where HIER's supplement compares with it,
 * SoftTriple's. Whether they may stand beside a run is not decided here.
 */
import { BENCHMARKS } from '../datasets/benchmarks.js';
import type { Preset } from './presets.js';
import { fraction, PUBLISHED_AT, SOFT_TRIPLE } from './published.js';

/** A published row. */
export interface PublishedRow {
  /** The method, and where it was published. */
  readonly name: string;
  /** Proxies and centres that are trained. */
  readonly proxies: number;
  /** By measure, such as `recall@1`; fractions. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Centres of a class of the supplement's SoftTriple. */
const CENTRES = 10;
const HIERARCHICAL_PROXIES = 512;

/** The published rows of a preset's cell. */
export function publishedRows({ dataset, backbone, embeddingSize, published }: Preset): PublishedRow[] {
  const { classes } = BENCHMARKS[dataset].published.train;
  const isTable2 = backbone === 'deit-s16' && embeddingSize === 128;
  const hier = {
    name: `published, proxy-anchor+hier (${isTable2 ? 'main table; supplement, table 2' : 'main table'})`,
    proxies: classes + HIERARCHICAL_PROXIES,
    metrics: Object.fromEntries(published.map(({ k, recall }) => [`recall@${k}`, recall])),
  };
  if (!isTable2) return [hier];
  const softTriple = {
    name: `published, soft-triple of ${CENTRES} centres (supplement, table 2)`,
    proxies: CENTRES * classes,
    metrics: Object.fromEntries(
      SOFT_TRIPLE[dataset].map((percent, i) => [`recall@${PUBLISHED_AT[dataset][i]}`, fraction(percent)]),
    ),
  };
  return [softTriple, hier];
}
