import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { openModel } from '../../src/model/trained.js';
import { exportRun } from '../../src/runs/export/export.js';
import { withRun } from '../../src/runs/run.js';
import { train } from '../../src/training/train.js';
import { drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';
import { tinyRecipe } from '../training/trainerSupport.js';
import { CHROMIUM, launch, PATIENCE, until } from '../web/browser.js';

const skip = CHROMIUM === undefined && 'no chromium is installed here (Debian: apt-get install chromium)';
const KINDS: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const PICTURES = 'test/fixtures/images/decode';

describe('the example page in a browser', { skip }, () => {
  const folder = temporaryFolder();
  const [run, site, photos] = ['run', 'site', 'photos'].map((name) => join(folder, name));
  let server: Server;
  let browser: Browser;
  let page: Page;
  let model: Awaited<ReturnType<typeof openModel>>;
  let broken: Promise<never>;

  before(async () => {
    await drawClasses(photos, 12, 4);
    await train({
      recipe: tinyRecipe({ data: { source: photos }, schedule: { epochs: 1 } }),
      folder: run,
      quiet: true,
    });
    await withRun(run, (opened) => exportRun(opened, { out: site, images: 1, metrics: false }));
    const bundled = { bundle: true, format: 'esm', tsconfigRaw: '{}', logLevel: 'warning' } as const;
    await build({ ...bundled, entryPoints: ['examples/embedWeb.ts'], outfile: join(site, 'embedWeb.js') });
    copyFileSync('examples/embedWeb.html', join(site, 'embedWeb.html'));
    model = await openModel(site);
    const engine = 'ort-wasm-simd-threaded.wasm';
    copyFileSync(join('node_modules/onnxruntime-web/dist', engine), join(site, engine));
    server = createServer(({ url }, response) => {
      const name = readdirSync(site).find((file) => url === `/${file}`);
      response.writeHead(name ? 200 : 404, {
        'content-type': KINDS[extname(url ?? '')] ?? 'application/octet-stream',
      });
      response.end(name && readFileSync(join(site, name)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launch();
    page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    broken = page.waitForEvent('pageerror', { timeout: 0 }).then((error) => {
      throw error;
    });
    broken.catch(() => undefined); // whoever waits for the page hears of it
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/embedWeb.html`);
  });
  after(async () => {
    await browser?.close();
    await model?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the page shows for an image. */
  async function embeddedByPage(file: string): Promise<number[]> {
    await page.evaluate(`document.querySelector('output').textContent = ''`);
    await page.setInputFiles('input', file);
    await Promise.race([until(page, "document.querySelector('output').textContent"), broken]);
    return JSON.parse((await page.textContent('output')) as string) as number[];
  }

  const embeddedInNode = async (file: string): Promise<Float32Array> =>
    (await model.embed([file])).embeddings;

  const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    const dot = (x: ArrayLike<number>, y: ArrayLike<number>) =>
      Array.from(x).reduce((sum, value, i) => sum + value * y[i], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };

  // Translucent pixels alone lose bits in a canvas, which keeps colours multiplied by alpha.
  const translucent = ['alpha.png', 'greyAlpha.png', 'rgba16.png'];
  const pictures = readdirSync(PICTURES).filter((name) => !name.includes('.expected.'));

  for (const name of pictures)
    test(`${name} has the embedding that it has in Node`, async () => {
      const file = join(PICTURES, name);
      const [there, here] = [await embeddedByPage(file), await embeddedInNode(file)];
      assert.ok(cosine(there, here) > 0.99999, `cosine ${cosine(there, here)}`);
      if (translucent.includes(name)) return;
      for (const [i, value] of there.entries()) assert.ok(Math.abs(value - here[i]) < 1e-5);
    });
});
