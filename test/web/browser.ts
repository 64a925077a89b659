/** A real browser for tests of the page; none where no chromium is installed. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** The browser's program; undefined where there is none. `HIER_CHROMIUM` names one elsewhere. */
export const CHROMIUM = [process.env.HIER_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);

/** Milliseconds that something on a page may take on a busy machine; what never comes fails after it. */
export const PATIENCE = 300_000;

/**
 * Starts the browser; `webgl` has graphics cards imitated, which tests of WebGL need: without it everything is drawn as on
 * a machine that has none.
 */
export function launch({ webgl = true } = {}): Promise<Browser> {
  const quiet = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
  ];
  const software = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
  const args = ['--no-sandbox', '--disable-sync', ...quiet, ...(webgl ? software : [])];
  return chromium.launch({ executablePath: CHROMIUM as string, args, timeout: PATIENCE });
}

/**
 * Waits for an expression to hold on a page, and looks at it in every frame. Playwright's own way makes a function of
 * text, which the policy of a page may forbid. Throws Error when it does not hold within `limit` ms.
 */
export async function until(page: Page, expression: string, limit = PATIENCE): Promise<void> {
  const look = `if (${expression}) resolve(true); else if (performance.now() > end) resolve(false); else requestAnimationFrame(look);`;
  const holds = await page.evaluate(
    `new Promise((resolve, reject) => { const end = performance.now() + ${limit}; const look = () => { try { ${look} } catch (error) { reject(error); } }; look(); })`,
  );
  if (!holds) throw new Error(`On the page this did not hold within ${limit} ms: ${expression}`);
}
