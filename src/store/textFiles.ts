/** Files of a table that hold text, such as its tree. */
import type { Store } from './store.js';

/** A text kept with a table; null when there is none of that name. */
export async function readText(store: Pick<Store, 'file'>, name: string): Promise<string | null> {
  const bytes = await store.file(name);
  return bytes && Buffer.from(bytes).toString('utf8');
}

/** Keeps a text with a table. */
export function keepText(store: Pick<Store, 'setFile'>, name: string, text: string): Promise<void> {
  return store.setFile(name, Buffer.from(text, 'utf8'));
}
