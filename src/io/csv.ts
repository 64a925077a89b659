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
  /** What stands between cells, one character. Default a comma. */
  readonly separator?: string;
}

/** What may stand between the cells of a list, a comma first, and what it is called. */
export const SEPARATORS: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
};

/**
 * What stands between the cells of a text: a comma, unless something else stands in the first line where no comma does, or more
 * often than commas and as often in the second line. What is within quotes counts for nothing.
 */
export function separatorOf(text: string): string {
  const [header = '', first] = bareLines(text, 2);
  const count = (line: string, sign: string) => line.split(sign).length - 1;
  const commas = count(header, ',');
  const others = Object.keys(SEPARATORS).filter((sign) => {
    const there = count(header, sign);
    return (
      sign !== ',' && there > commas && (commas === 0 || first === undefined || count(first, sign) === there)
    );
  });
  return others.sort((a, b) => count(header, b) - count(header, a))[0] ?? ',';
}

/** The first lines of a text that are not empty, without what stands in quotes. */
function bareLines(text: string, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  let isQuoted = false;
  for (let at = 0; at <= text.length && lines.length < most; at++) {
    const sign = text[at];
    if (sign === '"') isQuoted = !isQuoted;
    else if (at === text.length || (sign === '\n' && !isQuoted)) {
      if (line.trim() !== '') lines.push(line);
      line = '';
    } else if (!isQuoted) line += sign;
  }
  return lines;
}

/**
 * The cells of a CSV text, the header's first, and the line that each row starts on.
 * @throws DataError, naming `path` and the line, when rows have unequal numbers of cells or quotes do not match
 */
export function csvCells(
  path: string,
  text: string,
  { exact = false, separator = ',' }: CsvOptions = {},
): { readonly line: number; readonly cells: readonly string[] }[] {
  // The parser takes a tab for white space when it trims; cells of tabs are trimmed here.
  const isTrimmed = !exact && separator !== '\t';
  const options = {
    ...{ info: true, skip_empty_lines: !exact, trim: isTrimmed, relax_column_count: true },
    delimiter: separator,
  } as const;
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
        ` has ${cells} ${cells === 1 ? 'cell' : 'cells'} where the first has ${wanted}. A cell that holds ${separator === ',' ? 'a comma' : `one of the ${SEPARATORS[separator]} between cells`} or a line end stands in double quotes.`,
      );
    return { line: lines[i], cells: exact || isTrimmed ? record : record.map((cell) => cell.trim()) };
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
