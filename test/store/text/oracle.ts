/** What search by text must find, in the plainest way: every item is looked at, word by word. And items to look for. */
import assert from 'node:assert/strict';
import { randomStream } from '../../../src/random.js';
import { askText } from '../../../src/store/query.js';
import type { Item, Store } from '../../../src/store/store.js';
import { textWords } from '../../../src/store/text/textWords.js';
import { item } from '../support.js';

/** Words of items, some of which begin others, in several scripts, and what databases have their own opinion of. */
const VOCABULARY = [
  ...[
    'oat',
    'oats',
    'Oat',
    'oatly',
    'milk',
    'milky',
    'MILK',
    'the',
    'not',
    'null',
    'crème',
    'ﬁne',
    '2.5',
    "o'neil",
  ],
  ...[
    '燕麦奶',
    '奶',
    '🥛',
    'حليب',
    '\\',
    '%',
    '_',
    '*',
    "'",
    '"',
    '&',
    '|',
    ':',
    '\u{1d518}'.repeat(70),
    'x'.repeat(90),
  ],
];

/** Items with a title of up to six words, a note of one of two and a class, drawn. */
export function textItems(vectors: readonly Float32Array[], seed: number): Item[] {
  const random = randomStream(seed, 'texts');
  const words = (most: number) =>
    Array.from({ length: random.integer(most + 1) }, () => VOCABULARY[random.integer(VOCABULARY.length)]);
  return vectors.map((vector, i) =>
    item(`p-${i}`, vector, {
      label: random.integer(3) === 0 ? 'Dairy' : null,
      path: '/secret/oat.jpg',
      metadata: { title: words(6).join(' ') || null, note: words(1)[0] ?? null, price: 20 + i },
    }),
  );
}

/** Texts to look for: words and pairs of them, their beginnings, and what is in no item. */
export const TEXTS: readonly string[] = [
  ...VOCABULARY.filter((word) => textWords(word).length > 0),
  ...[
    'oa',
    'mil',
    'o',
    'oat mil',
    'milk oat',
    'the oat',
    'dairy',
    'p 7',
    'not null milk',
    '燕麦',
    'zebra',
    'oat zebra',
  ],
  ...[
    "'; drop table oat",
    'oat AND milk',
    'oat:* | milk',
    'secret',
    '24',
    'true',
    `oat milk ${'x'.repeat(80)}`,
  ],
];

const known = new WeakMap<Item, readonly string[]>();

function wordsOfItem(one: Item): readonly string[] {
  const { id, label, metadata } = one;
  const texts = [id, label, metadata.title, metadata.note].map((text) => String(text ?? ''));
  const words = known.get(one) ?? texts.flatMap((text) => textWords(text, { single: true }));
  known.set(one, words);
  return words;
}

/** The items that a text must find, the best first, with their scores. */
export function expected(items: readonly Item[], text: string): { id: string; score: number }[] {
  const asked = [...new Set(textWords(text))];
  const found = items.flatMap((one) => {
    const { id } = one;
    const words = wordsOfItem(one);
    const times = (word: string) => words.filter((one) => one === word).length;
    const counts = asked.map((word, i) => {
      const begun =
        i === asked.length - 1 && word.length > 1 ? words.filter((one) => one.startsWith(word)) : [];
      return Math.max(times(word), ...begun.map((one) => times(one) / 2));
    });
    return counts.includes(0) ? [] : [{ id, counts, length: words.length }];
  });
  const mean = found.reduce((sum, { length }) => sum + length, 0) / found.length;
  return found
    .map(({ id, counts, length }) => {
      const parts = counts.map((count) => (2.2 * count) / (count + 1.2 * (0.25 + (0.75 * length) / mean)));
      return { id, score: parts.reduce((sum, one) => sum + one, 0) };
    })
    .sort((a, b) => (Math.abs(a.score - b.score) > 1e-9 ? b.score - a.score : a.id < b.id ? -1 : 1));
}

/** Throws unless a table that holds some items finds by text what it must; of the texts only one in `every`. */
export async function checkTexts(
  store: Store,
  items: readonly Item[],
  what: string,
  every = 1,
): Promise<void> {
  for (const text of TEXTS.filter((_, i) => i % every === 0)) {
    const right = expected(items, text);
    const found = await askText(store, null, { text, k: items.length });
    const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
    assert.deepEqual(ids(found), ids(right), `${what}: ${text}`);
    for (const [i, { score }] of found.entries()) assert.ok(Math.abs(score - right[i].score) < 1e-9, text);
  }
  for (const [text, k] of [
    ['oat', 3],
    ['mil', 1],
  ] as const) {
    const found = await askText(store, null, { text, k });
    assert.deepEqual(
      found.map(({ id }) => id),
      expected(items, text)
        .slice(0, k)
        .map(({ id }) => id),
    );
  }
}
