/** Numbers of ids, in a few bytes each: a hash table of numbers alone, which asks for the id of a number when it must. */

/** Finds the number of an id; undefined when it is not there. */
export type IdIndex = (id: string) => number | undefined;

/** An index of the ids that `idOf` gives for 0 to `count` - 1. */
export function idIndex(count: number, idOf: (number: number) => string): IdIndex {
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 1))); // 0 for none, else a number + 1
  const mask = slots.length - 1;
  for (let number = 0; number < count; number++) {
    let slot = hash(idOf(number)) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = number + 1;
  }
  return (id) => {
    for (let slot = hash(id) & mask; slots[slot] !== 0; slot = (slot + 1) & mask)
      if (idOf(slots[slot] - 1) === id) return slots[slot] - 1;
    return undefined;
  };
}

/** FNV-1a over UTF-16 units, mixed once more: the low bits alone are used. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value ^ (value >>> 15);
}
