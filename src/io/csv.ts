/**
 * The cells of a CSV text and the line that each row starts on. What the first row means, and where the text comes from, is
 * decided elsewhere.
 */
import { parse } from 'csv-parse/sync';
import { DataError } from '../errors.js';

/** Options of {@link csvCells}. */
export interface CsvOptions {
  /** Keep white space around cells, and rows of one empty cell. Default false, for files that people write. */
  readonly exact?: boolean;
}

/**
 * The cells of a CSV text, the header's first, and the line that each row starts on.
 * @throws DataError, naming `path` and the line, when rows have unequal numbers of cells or quotes do not match
 */
export function csvCells(
  path: string,
  text: string,
  { exact = false }: CsvOptions = {},
): { readonly line: number; readonly cells: readonly string[] }[] {
  const options = { info: true, skip_empty_lines: !exact, trim: !exact, relax_column_count: true } as const;
  const malformed = (line: number, what: string, cause?: unknown) =>
    new DataError(`${path} is not well-formed CSV: line ${line}${what}`, { cause });
  let records: CsvRecord[];
  try {
    records = parse(text, options) as unknown as CsvRecord[];
  } catch (cause) {
    const { records: sound = 0 } = cause as { records?: number };
    const before = sound > 0 ? (parse(text, { ...options, to: sound }) as unknown as CsvRecord[]) : [];
    const at = before.at(-1)?.info.bytes ?? 0;
    throw malformed(linesOf(text, [at, Buffer.byteLength(text)], !exact)[1], QUOTES, cause);
  }
  const lines = linesOf(
    text,
    records.map(({ info }) => info.bytes),
    !exact,
  );
  return records.map(({ record }, i) => {
    const [cells, wanted] = [record.length, records[0].record.length];
    if (cells !== wanted)
      throw malformed(
        lines[i],
        ` has ${cells} ${cells === 1 ? 'cell' : 'cells'} where the first has ${wanted}. A cell that holds a comma or a line end stands in double quotes.`,
      );
    return { line: lines[i], cells: record };
  });
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly bytes: number };
}

const QUOTES =
  ': a double quote is opened and not closed, or stands within a cell. A cell with a quote in it is written "like ""this""".';

/** The lines that pieces start on which end at these bytes. The parser counts those within quotes twice where they end in \r\n. */
function linesOf(text: string, ends: readonly number[], skipBlank: boolean): number[] {
  const bytes = Buffer.from(text);
  let [at, line] = [0, 1];
  return ends.map((end) => {
    let start = line;
    for (let isBlank = skipBlank; at < end; at++) {
      isBlank &&= bytes[at] <= 0x20;
      if (bytes[at] !== 0x0a) continue;
      line++;
      if (isBlank) start = line;
    }
    return start;
  });
}
