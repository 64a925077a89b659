/** Whether what a user names as a source is an address to fetch from or a path. Nothing is fetched or looked for. */
import { shortened, UsageError } from '../../errors.js';

/**
 * Whether a text is an address over HTTP; else it is a path.
 * @throws UsageError for an address of another kind, which as a path would only be missing
 */
export function isAddress(text: string): boolean {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text) ?? [];
  if (scheme === undefined) return /^https?:/i.test(text);
  if (/^https?$/i.test(scheme)) return true;
  throw new UsageError(
    `"${shortened(text)}" cannot be fetched: addresses begin with https:// or http://. Fetch it by other means, and name the file on your disk.`,
  );
}
