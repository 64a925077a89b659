/**
 * The paper's tables as lists of presets and losses: the main table, and the supplement's table 2. What a cell takes and
 * what it measures is for others.
 */
import { shortened, suggestion, UsageError } from '../errors.js';
import { PRESETS } from './presets.js';

/** A table of the paper. */
export interface PaperTable {
  readonly name: string;
  readonly about: string;
  readonly presets: readonly string[];
  readonly losses: readonly string[];
}

/** Losses that presets are compared with where none are named: what HIER adds, which no published table isolates. */
const PAIR = ['proxy-anchor', 'proxy-anchor+hier'];

/** The tables by name. */
export const PAPER_TABLES: readonly PaperTable[] = [
  {
    name: 'table-2',
    about: "the supplement's table 2: SoftTriple and Proxy Anchor + HIER, DeiT-S at 128 on four data sets",
    presets: PRESETS.filter(({ name }) => name.endsWith('-deit-128')).map(({ name }) => name),
    losses: ['soft-triple:centres=10', 'proxy-anchor+hier'],
  },
  {
    name: 'main-table',
    about: 'the 28 cells of HIER in the main table',
    presets: PRESETS.map(({ name }) => name),
    losses: ['proxy-anchor+hier'],
  },
];

/** Presets, and the losses to compare under them where none are named. */
export interface ChosenPresets {
  readonly presets: readonly string[];
  readonly losses: readonly string[];
  /** The one table that was named, if any. */
  readonly table: PaperTable | null;
}

/**
 * What words name: presets, or one table.
 * @throws UsageError for a word that names neither, a preset that is named twice, and a table beside others
 */
export function chosenPresets(words: readonly string[]): ChosenPresets {
  const table = PAPER_TABLES.find(({ name }) => words.includes(name));
  if (table && words.length > 1)
    throw new UsageError(`${table.name} names all its presets by itself: give it alone.`);
  if (table) return { presets: table.presets, losses: table.losses, table };
  const known = [...PAPER_TABLES, ...PRESETS].map(({ name }) => name);
  const stray = words.find((word) => !known.includes(word));
  if (stray !== undefined)
    throw new UsageError(
      `"${shortened(stray)}" is not a KEY=VALUE pair such as schedule.epochs=20, nor a preset or a table of the paper.${suggestion(stray, known)} Name a recipe with --recipe; "npx hier reproduce --list" shows the presets, and the tables are ${PAPER_TABLES.map(({ name }) => name).join(' and ')}.`,
    );
  const again = words.find((word, i) => words.indexOf(word) !== i);
  if (again !== undefined) throw new UsageError(`"${again}" is given twice: each is compared once.`);
  return { presets: words, losses: PAIR, table: null };
}
