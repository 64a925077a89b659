import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { test } from 'node:test';

interface Rules {
  readonly forbidden: readonly { readonly name: string }[];
}

/** What each room of the source may import, in words, from the names of the rules that imports are checked by. */
function fromRules(): [room: string, words: string][] {
  const { forbidden } = createRequire(import.meta.url)(resolve('.dependency-cruiser.cjs')) as Rules;
  return forbidden.flatMap(({ name }): [string, string][] => {
    const [, room, words] = /^([\w/]+) imports only (.*)$/.exec(name) ?? [];
    return room === undefined || /^(web|settings|disk)/.test(room) ? [] : [[room, words]];
  });
}

/** The same from the table of ARCHITECTURE.md. */
function fromTable(): [room: string, words: string][] {
  const rows = readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| `([\w/]+)\/` \|.*\| ([^|]+) \|$/gm);
  return [...rows].map(([, room, words]) => [room, words]);
}

/** The rooms that words stand for: a list, with `/**` for all below a room, or all others but some. */
function roomsIn(words: string, room: string, rooms: readonly string[]): string[] {
  if (/^nothing( of ours)?$/.test(words)) return [];
  const [, but] = /^any room but (.*)$/.exec(words) ?? [];
  if (but) return rooms.filter((one) => one !== room && !but.split(', ').includes(one));
  return words
    .split(', ')
    .flatMap((name) =>
      name.endsWith('/**') ? rooms.filter((one) => `${one}/`.startsWith(name.slice(0, -2))) : name,
    )
    .sort();
}

test('the table of rooms in ARCHITECTURE.md says what the rules allow', () => {
  const rooms = fromRules().map(([room]) => room);
  const allowed = (rows: readonly [string, string][]) =>
    Object.fromEntries(rows.map(([room, words]) => [room, roomsIn(words, room, rooms).sort()]));
  assert.ok(rooms.length > 20);
  assert.deepEqual(allowed(fromTable()), allowed(fromRules()));
});
