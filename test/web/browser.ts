/** A real browser for tests of the page; none where no chromium is installed. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** The browser's program; undefined where there is none. `HIER_CHROMIUM` names one elsewhere. */
export const CHROMIUM = [process.env.HIER_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);

/** Starts the browser with WebGL drawn in software. */
export function launch(): Promise<Browser> {
  const quiet = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
  ];
  const software = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
  const args = ['--no-sandbox', '--disable-sync', ...quiet, ...software];
  return chromium.launch({ executablePath: CHROMIUM as string, args });
}
