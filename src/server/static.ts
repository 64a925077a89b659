/** Files of a folder as a web page: what is there when the server starts, by name, and nothing else. */
import { createHash } from 'node:crypto';
import { extname, join } from 'node:path';
import { existsSync, readdirSync, readFileSync, statSync } from '../disk/index.js';
import type { Reply } from './http.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Gives the file of a URL's path; undefined when there is none. */
export type StaticFiles = (path: string, etag?: string) => Reply | undefined;

/** Takes the files of a folder, hidden ones left out, into a table of URLs. A URL never becomes a path. */
export function staticFiles(folder: string): StaticFiles {
  const files = new Map<string, string>();
  const walk = (path: string, url: string) => {
    for (const name of readdirSync(path).filter((entry) => !entry.startsWith('.'))) {
      const child = join(path, name);
      if (statSync(child).isDirectory()) walk(child, `${url}${encodeURIComponent(name)}/`);
      else if (extname(name) in TYPES) files.set(url + encodeURIComponent(name), child);
    }
  };
  if (existsSync(folder)) walk(folder, '/');
  const kept = new Map<string, { readonly stamp: string; readonly body: Buffer; readonly etag: string }>();
  /** A file, read when it is first asked for and when it has changed. */
  const read = (file: string) => {
    const { mtimeMs, size } = statSync(file);
    const stamp = `${mtimeMs}-${size}`;
    const known = kept.get(file);
    if (known?.stamp === stamp) return known;
    const body = readFileSync(file);
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    const now = { stamp, body, etag };
    kept.set(file, now);
    return now;
  };
  return (path, known) => {
    const file = files.get(path.endsWith('/') ? `${path}index.html` : path);
    if (file === undefined) return undefined;
    const { body, etag } = read(file);
    const headers = { ETag: etag, 'Cache-Control': 'no-cache' };
    return { status: known === etag ? 304 : 200, type: TYPES[extname(file)], body, headers };
  };
}
