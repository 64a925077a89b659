/**
 * Which drawings show the same emoji: joins nine vendors' icon sets by code points where a vendor publishes
 * them, else by name. Pure; draws nothing.
 */
import type { EmojiRow, EmojiSources, IconSet } from './vendors.js';

/** One class of emoji-9. */
export interface EmojiClass {
  /** Name in Unicode's list, such as `grinning face`. */
  readonly name: string;
  /** Name of its folder, such as `grinning-face`; unique. */
  readonly slug: string;
  readonly group: string;
  readonly subgroup: string;
  /** At most one drawing a vendor. */
  readonly drawings: readonly { readonly vendor: string; readonly icon: string }[];
}

/** Classes with fewer drawings are left out. */
export const FEWEST_DRAWINGS = 4;

/**
 * The classes of emoji-9 in the order of Unicode's list, without skin tones, hair components and flags.
 * Vendors without code points are joined by name: the emoji's own, and those that the other vendors' icons
 * and aliases give the same code points, unless two emoji would claim the name.
 */
export function joinEmoji({ rows, sets }: EmojiSources): EmojiClass[] {
  const emoji = baseEmoji(rows);
  const names = namesByCode(emoji, sets);
  const lookups = sets.map((set) => ({ vendor: set.vendor, find: finder(set) }));
  const classes: EmojiClass[] = [];
  for (const [code, { name, group, subgroup }] of emoji) {
    if (group === 'Flags') continue;
    const drawings = lookups.flatMap(({ vendor, find }) => {
      const icon = find(code, names.get(code)!);
      return icon === undefined ? [] : [{ vendor, icon }];
    });
    if (drawings.length >= FEWEST_DRAWINGS)
      classes.push({ name, slug: slugOf(name), group, subgroup, drawings });
  }
  return classes;
}

/** A drawing on white as a stand-alone SVG document of `side` × `side` pixels. */
export function svgOf(set: IconSet, name: string, side: number): string {
  const icon = set.icons[rootOf(set, name)];
  const { left = 0, top = 0, width = set.width, height = set.height } = icon;
  const square = `width="${side}" height="${side}"`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${square}>` +
    `<rect ${square} fill="#fff"/>` +
    `<svg ${square} viewBox="${left} ${top} ${width} ${height}">${icon.body}</svg></svg>`
  );
}

/** The emoji that can be classes, by code points: the first row of each sequence, apart from FE0F. */
function baseEmoji(rows: readonly EmojiRow[]): Map<string, EmojiRow> {
  const emoji = new Map<string, EmojiRow>();
  for (const row of rows) {
    const code = codeOf(row.codes);
    const plain = row.group !== 'Component' && !/1f3f[b-f]/.test(code);
    if (plain && !emoji.has(code)) emoji.set(code, row);
  }
  return emoji;
}

/** Squashed names of each emoji, its own first. */
function namesByCode(emoji: ReadonlyMap<string, EmojiRow>, sets: readonly IconSet[]): Map<string, string[]> {
  const names = new Map([...emoji].map(([code, row]) => [code, [squash(row.name)]]));
  const own = new Set([...names.values()].flat());
  const claims = new Map<string, Set<string>>();
  for (const set of sets) {
    const synonyms = synonymsByRoot(set);
    for (const [raw, icon] of Object.entries(set.codes)) {
      const code = codeOf(raw);
      if (!emoji.has(code)) continue;
      for (const name of synonyms.get(rootOf(set, icon)) ?? [])
        claims.set(name, (claims.get(name) ?? new Set()).add(code));
    }
  }
  for (const [name, codes] of claims)
    if (codes.size === 1 && !own.has(name)) names.get([...codes][0])!.push(name);
  return names;
}

/** All squashed names of each icon: its own and its aliases that are neither turned nor mirrored. */
function synonymsByRoot(set: IconSet): Map<string, string[]> {
  const synonyms = new Map(Object.keys(set.icons).map((name) => [name, [squash(name)]]));
  for (const name of plainAliases(set)) synonyms.get(rootOf(set, name))?.push(squash(name));
  return synonyms;
}

/** How to find an emoji in a set. A name that ends in `-1` (the first of several drawings) also counts. */
function finder(set: IconSet): (code: string, names: readonly string[]) => string | undefined {
  const byCode = new Map(Object.entries(set.codes).map(([raw, icon]) => [codeOf(raw), icon]));
  if (byCode.size > 0) return (code) => byCode.get(code);

  const byName = new Map<string, string>();
  const add = (name: string, icon: string) => {
    if (!byName.has(squash(name))) byName.set(squash(name), icon);
  };
  const icons = Object.keys(set.icons);
  for (const name of icons) add(name, name);
  for (const name of plainAliases(set)) add(name, name);
  for (const name of icons) if (name.endsWith('-1')) add(name.slice(0, -2), name);
  return (_, names) => names.map((name) => byName.get(name)).find((icon) => icon !== undefined);
}

function plainAliases(set: IconSet): string[] {
  return Object.entries(set.aliases)
    .filter(([, alias]) => !alias.hFlip && !alias.vFlip && !alias.rotate)
    .map(([name]) => name);
}

/** The icon that a name stands for. */
function rootOf(set: IconSet, name: string): string {
  while (set.aliases[name]) name = set.aliases[name].parent;
  return name;
}

/** Lower case, joined with `-`, without the presentation selector FE0F, which vendors use differently. */
function codeOf(codes: string): string {
  return codes
    .toLowerCase()
    .split(/[ -]/)
    .filter((point) => point !== 'fe0f')
    .join('-');
}

/** Letters and digits only, for comparing names. */
function squash(name: string): string {
  return plainLetters(name).replace(/[^a-z0-9]/g, '');
}

function slugOf(name: string): string {
  return plainLetters(name)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** Lower case, accents removed, and the two keycap signs spelled out. */
function plainLetters(text: string): string {
  return text
    .toLowerCase()
    .replace('#', 'hash')
    .replace('*', 'asterisk')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
}
