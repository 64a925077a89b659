/**
 * Conditions as people write them, `price<=20` or `brand=a|b`, as the filter that they mean. Whether a table has such columns is
 * found out where it is asked.
 */
import { shortened, UsageError } from '../../errors.js';
import { columnNames } from '../columns.js';
import type { ColumnTest, Filter, FilterValue } from '../store.js';

/** What stands between a column and its values. */
const SIGNS = { '<=': 'lte', '>=': 'gte', '<': 'lt', '>': 'gt' } as const;

/** A column, white space, a sign, and the rest. */
const CONDITION = /^(.+?)(\s*)(!=|<=|>=|=|<|>)(.*)$/s;

/** Whether there is a value: `has:` or `no:`, and a column. */
const EXISTS = /^\s*(has|no):([^=<>!]*)$/i;

/** What can be written, for help texts and messages. */
export const WHERE_FORMS = 'COLUMN=VALUE, =A|B, !=VALUE, <N, <=N, >N, >=N, has:COLUMN or no:COLUMN';

/**
 * The filter that conditions mean, all of which must hold; values of one column that are given with `=` are alternatives.
 *
 * - `COLUMN=A|B`: one of the values; `\|` is a bar within a value; nothing after the sign stands for items without a value
 * - `COLUMN!=A|B`: none of them; items without a value pass
 * - `has:COLUMN`: with a value, whatever it is; `no:COLUMN`: without one
 * - `COLUMN<N`, `<=`, `>`, `>=`: numbers where the column holds numbers, else texts in the order of code points, which is
 *   that of time for dates such as 2026-11-30
 *
 * White space after the sign counts unless there is some before it. A column is named as in the table or as in its source.
 * @throws UsageError for what is not a condition, a bound that is given twice, and a column that is to have a value and none
 */
export function whereFilter(conditions: readonly string[]): Pick<Filter, 'metadata'> {
  const tests = new Map<string, { -readonly [K in keyof ColumnTest]: ColumnTest[K] }>();
  const testOf = (column: string | undefined, condition: string) => {
    if (column === undefined || column.trim() === '')
      throw new UsageError(`"${shortened(condition)}" is not a condition: give ${WHERE_FORMS}, in quotes.`);
    const name = columnNames([column.trim()]).get(column.trim())!;
    const test = tests.get(name) ?? {};
    tests.set(name, test);
    return { name, test };
  };
  for (const condition of conditions) {
    const [, word, named] = EXISTS.exec(condition) ?? [];
    if (word !== undefined) {
      const { name, test } = testOf(named, condition);
      const exists = word.toLowerCase() === 'has';
      if (test.exists === !exists)
        throw new UsageError(`"has:${name}" and "no:${name}" are both given: no item is both. Give one.`);
      test.exists = exists;
      continue;
    }
    const [, column, space, sign, rest] = CONDITION.exec(condition) ?? [];
    const { name, test } = testOf(column, condition);
    if (sign === '=' || sign === '!=') {
      const side = sign === '=' ? 'in' : 'not';
      test[side] = [...(test[side] ?? []), ...valuesIn(rest, space !== '')];
      continue;
    }
    const bound = SIGNS[sign as keyof typeof SIGNS];
    if (rest.trim() === '')
      throw new UsageError(`"${shortened(condition)}" has nothing after "${sign}": give a number or a text.`);
    if (test[bound] !== undefined) throw new UsageError(`"${name}${sign}" is given twice. Give it once.`);
    test[bound] = rest.trim();
  }
  return tests.size > 0 ? { metadata: Object.fromEntries(tests) } : {};
}

/** Values between bars; null for an empty one. */
function valuesIn(text: string, isSpaced: boolean): FilterValue[] {
  return text.split(/(?<!\\)\|/).map((one) => {
    const value = (isSpaced ? one.trim() : one).replaceAll('\\|', '|');
    return value === '' ? null : value;
  });
}
