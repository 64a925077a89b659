import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { BROWSER_ENTRIES } from '../../package/bundle.js';
import { CHROMIUM, launch, PATIENCE, until } from '../browser.js';

const skip = CHROMIUM === undefined && 'no chromium is installed here (Debian: apt-get install chromium)';
const MADE = `import { createMap } from '@hier-ml/hier/map';
import { COLUMNS, POINTS, TREE } from './things.js';
Object.assign(globalThis, { createMap, points: POINTS, tree: TREE, columns: COLUMNS });`;

/** A page's script, bundled as a user's bundler would. */
async function bundled(entry: { path: string } | { text: string }): Promise<string> {
  const { outputFiles } = await build({
    ...('path' in entry
      ? { entryPoints: [entry.path] }
      : { stdin: { contents: entry.text, loader: 'ts' as const, resolveDir: 'examples/map' } }),
    alias: { '@hier-ml/hier/map': `./${BROWSER_ENTRIES.map}` },
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
    tsconfigRaw: '{}',
    logLevel: 'warning',
    write: false,
  });
  return outputFiles[0].text;
}

describe('the map as a component', { skip }, () => {
  let browser: Browser;
  const broken: string[] = [];
  before(async () => {
    browser = await launch();
  });
  after(async () => browser?.close());

  /** Opens a page whose scripts are given by name. */
  const open = async (html: string, scripts: Readonly<Record<string, string>>): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 800, height: 600 } });
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', ({ message }) => broken.push(message));
    page.on('console', (entry) => entry.type() === 'error' && broken.push(entry.text()));
    await page.route('**/*', (route) => {
      const script = scripts[new URL(route.request().url()).pathname.slice(1)];
      return route.fulfill(
        script === undefined
          ? { contentType: 'text/html', body: html }
          : { contentType: 'text/javascript', body: script },
      );
    });
    await page.goto('http://maps.example/');
    return page;
  };
  const map = (page: Page) => page.getByRole('application');
  const atRest = (page: Page) => page.locator('[role=application][aria-busy=false]').first().waitFor();
  const bare = async () =>
    open('<!doctype html><script type="module" src="made.js"></script>', {
      'made.js': await bundled({ text: MADE }),
    });

  test('the plain example: keys select an item, which is said, and Escape ends that', async () => {
    const script = await bundled({ path: 'examples/map/plain.ts' });
    const page = await open(readFileSync('examples/map/plain.html', 'utf8'), { 'plain.js': script });
    await atRest(page);
    assert.match((await map(page).getAttribute('aria-label'))!, /fruit and drinks/);
    assert.ok(await page.locator('.hier-map-tip').isHidden(), 'an empty tip');
    await map(page).press('Enter');
    await until(page, `/-\\d+$/.test(document.querySelector('#chosen').textContent)`);
    const id = (await page.locator('#chosen').textContent())!;
    const said = await page.getByRole('status').textContent();
    assert.equal(said, `${id.split('-')[0]} no. ${id.split('-')[1]}`);
    await map(page).press('Escape');
    await until(page, `document.querySelector('#chosen').textContent === 'Click a point.'`);
    await page.close();
  });

  test('the example of docs/explorer.md runs as it stands there', async () => {
    const [, text] = /```js\n(.*?)```/s.exec(readFileSync('docs/explorer.md', 'utf8'))!;
    const html =
      '<!doctype html><div id="map" style="height: 400px"></div><script type="module" src="doc.js"></script>';
    const page = await open(html, { 'doc.js': await bundled({ text }) });
    await atRest(page);
    const logged = page.waitForEvent('console');
    await map(page).press('Enter');
    assert.match((await logged).text(), /^p-00\d$/);
    await page.close();
  });

  test('the example in React: mounted twice it is one map, whose properties and events are followed', async () => {
    const script = await bundled({ path: 'examples/map/react.tsx' });
    const page = await open(readFileSync('examples/map/react.html', 'utf8'), { 'react.js': script });
    await atRest(page);
    assert.equal(await map(page).count(), 1);
    assert.equal(await page.locator('canvas').count(), 3);
    await map(page).press('Enter');
    await until(page, `/-\\d+$/.test(document.querySelector('#chosen').textContent)`);
    const pixels = 'document.querySelectorAll("canvas")[1].toDataURL()';
    await atRest(page);
    await page.evaluate(`globalThis.former = ${pixels}`);
    await page.getByRole('button', { name: 'Colour by price' }).click();
    await page.getByRole('button', { name: 'Colour by class' }).waitFor();
    await until(page, `former !== ${pixels}`);
    await page.close();
  });

  test('several on a page, one in a shadow root, each with its own events; styles go neither in nor out', async () => {
    const page = await bare();
    await until(page, 'globalThis.createMap');
    await page.evaluate(`{
      document.head.innerHTML = '<style>canvas { display: none } p { color: red }</style>';
      document.body.innerHTML = '<div id="a" style="height: 250px"></div><div id="b" style="height: 250px"></div>';
      const shadow = document.getElementById('b').attachShadow({ mode: 'open' });
      shadow.innerHTML = '<div id="inner" style="height: 250px"></div>';
      globalThis.heard = [];
      const make = (name, element) => {
        const map = createMap(element, { points, tree, columns, label: name });
        map.on('select', ({ id }) => heard.push(name + ' ' + id));
        return map;
      };
      globalThis.maps = [make('one', document.getElementById('a')), make('two', shadow.getElementById('inner'))];
    }`);
    assert.equal(await page.evaluate('document.querySelectorAll("style, link").length'), 1);
    assert.equal(await page.evaluate('document.adoptedStyleSheets.length'), 0);
    await page.getByRole('application', { name: 'two' }).press('Enter');
    await until(page, 'heard.length === 1');
    const [chosen] = await page.evaluate<string[]>('heard');
    assert.match(chosen, /^two /);
    await page.evaluate(`maps[0].select('drinks-1'); maps[0].select('drinks-1'); maps[0].select('unknown')`);
    assert.deepEqual(await page.evaluate('heard'), [chosen, 'one drinks-1']);
    await page.close();
  });

  test('other data keep what is selected where it still is; the lasso marks; the theme is the map’s own', async () => {
    const page = await bare();
    await until(page, 'globalThis.createMap');
    await page.evaluate(`{
      document.body.innerHTML = '<div id="a" style="height: 500px; width: 500px"></div>';
      globalThis.told = [];
      globalThis.map = createMap(document.getElementById('a'), { points, tree, columns, theme: 'dark', lasso: true });
      map.on('mark', ({ ids }) => told.push(ids && ids.length));
      globalThis.off = map.on('select', ({ id }) => told.push(id));
      map.select('drinks-3');
      off();
      const some = { ids: ['drinks-3', 'x'], x: [0, 0.5], y: [0, 0.5] };
      map.update({ points: some, tree: null, columns: [] });
    }`);
    assert.equal(
      await page.evaluate('getComputedStyle(document.querySelector("[role=application]")).colorScheme'),
      'dark',
    );
    await atRest(page);
    const box = (await map(page).boundingBox())!;
    await page.mouse.move(box.x + 2, box.y + 2);
    await page.mouse.down();
    for (const [x, y] of [
      [498, 2],
      [498, 498],
      [2, 498],
    ])
      await page.mouse.move(box.x + x, box.y + y);
    await page.mouse.up();
    assert.deepEqual(await page.evaluate('told'), ['drinks-3', 2]);
    assert.match(
      await page.evaluate<string>(
        `(() => { try { map.update({ colourBy: 'weight' }); return ''; } catch (error) { return error.message; } })()`,
      ),
      /Nothing is called "weight"/,
    );
    await page.close();
  });

  test('what is destroyed leaves nothing on the page and nothing in memory', async () => {
    const page = await bare();
    await until(page, 'globalThis.createMap');
    await page.evaluate(`{
      document.body.innerHTML = '<div id="a" style="height: 200px"></div>';
      const host = document.getElementById('a');
      globalThis.gone = [];
      for (const draw of ['software', 'webgl', 'software']) {
        const map = createMap(host, { points, tree, columns, draw, thumbnail: () => null });
        map.on('select', () => undefined);
        map.select('fruit-0');
        map.update({ points: { ...points } });
        gone.push(new WeakRef(map), new WeakRef(host.querySelector('[role=application]')), new WeakRef(host.querySelector('canvas')));
        map.destroy();
      }
    }`);
    assert.equal(
      await page.evaluate('document.getElementById("a").outerHTML'),
      '<div id="a" style="height: 200px"></div>',
    );
    const devtools = await page.context().newCDPSession(page);
    const left = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      return page.evaluate<number>('gone.filter((one) => one.deref() !== undefined).length');
    };
    const end = performance.now() + PATIENCE;
    while ((await left()) > 0) assert.ok(performance.now() < end, 'something is still held');
    await page.close();
  });

  test('nothing failed', () => assert.deepEqual(broken, []));
});
