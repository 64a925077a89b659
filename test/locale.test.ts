/**
 * What hier writes and prints is the same in every country and time zone: nothing asks the system for its language, its way of
 * writing numbers and dates, or its clock on the wall.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';

/** What depends on language or time zone, as source text has it. */
const DEPENDS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\btoLocale(Date|Time)?String\((?!'en)/, "numbers as toLocaleString('en'), times as toISOString()"],
  [/\btoLocale(Lower|Upper)Case\b/, 'toLowerCase, toUpperCase'],
  [/\blocaleCompare\b/, 'order by code units: <'],
  [/\bIntl\.\w+\((?!'en)/, "a locale by name: 'en'"],
  [/\.get(FullYear|Month|Date|Day|Hours|Minutes|TimezoneOffset)\(/, 'the UTC forms: getUTCHours'],
  [/\.to(Date|Time)String\(|\bDate\(\)\.toString\(|\$\{new Date\(/, 'toISOString()'],
  [/\bnew Date\(\s*\d+\s*,/, 'Date.UTC'],
];

it('neither language nor time zone of the system changes what hier says', () => {
  const found = ['src', 'web', 'scripts'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs)$/.test(name) && !name.startsWith('dist'))
      .flatMap((name) => {
        const text = readFileSync(join(folder, name), 'utf8');
        return DEPENDS.filter(([pattern]) => pattern.test(text)).map(
          ([pattern, instead]) => `${join(folder, name)}: ${pattern.exec(text)?.[0]} → ${instead}`,
        );
      }),
  );
  assert.deepEqual(found, []);
});
