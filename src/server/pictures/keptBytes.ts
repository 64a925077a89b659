/** Bytes by name, as many as fit into a number of bytes: those that were asked for longest ago go first. */

/** The bytes that are kept. */
export interface KeptBytes {
  get(name: string): Uint8Array | undefined;
  set(name: string, bytes: Uint8Array): void;
}

/** Keeps at most `most` bytes. What is larger than all of that is not kept. */
export function keptBytes(most: number): KeptBytes {
  const kept = new Map<string, Uint8Array>();
  let size = 0;
  const drop = (name: string) => {
    size -= kept.get(name)?.length ?? 0;
    kept.delete(name);
  };
  return {
    get(name) {
      const bytes = kept.get(name);
      if (bytes) {
        kept.delete(name); // now the last
        kept.set(name, bytes);
      }
      return bytes;
    },
    set(name, bytes) {
      drop(name);
      if (bytes.length > most) return;
      kept.set(name, bytes);
      size += bytes.length;
      while (size > most) drop(kept.keys().next().value!);
    },
  };
}
