/**
 * The explorer's page over a table of many items, in Chromium without a graphics card: how long until the points are seen, from
 * a click to the neighbours, from a click on a value to the map that marks its items, how many frames a second are drawn while
 * the map is dragged and magnified, and how many bytes are moved. Each view is a new one, with nothing cached. What the page
 * does is not known here beyond its elements.
 *
 *   node dist/bench/explorer.js [--rows N] [--seed N] [--views N] [--clicks N] [--table TABLE] [--profile FILE] [--json]
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, launch, until } from '../test/web/browser.js';
import { makeExplorerTable } from './explorerTable.js';
import { serveTable } from './serveTable.js';

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** What must be met: ms and frames a second. */
const BARS = { firstView: 2000, neighbours: 200, frames: 30 };
const SIZE = { width: 1280, height: 800 };
/** How long the map is dragged, and magnified, ms. */
const MOVED = 3000;

/** Times of one view of the page; ms, frames a second, bytes. */
interface Times {
  readonly firstView: number;
  readonly bytes: number;
  readonly neighbours: readonly number[];
  readonly drag: number;
  readonly zoom: number;
  readonly dragMarked: number;
  readonly mark: number;
  readonly openFilters: number;
  readonly facet: number;
}

const rest = (page: Page) => until(page, `document.getElementById('map').ariaBusy === 'false'`);

/**
 * Milliseconds from an event of the user to what follows: the next frame after `done` holds, which is looked at whenever the
 * page has changed.
 */
async function timeOf(page: Page, event: string, act: () => Promise<void>, done: string): Promise<number> {
  await page.evaluate(`globalThis.timed = new Promise((resolve) => {
    addEventListener(${JSON.stringify(event)}, () => {
      const start = performance.now();
      const watch = new MutationObserver(() => {
        if (!(${done})) return;
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
      });
      watch.observe(document.body, { subtree: true, childList: true, attributes: true });
    }, { capture: true, once: true });
  }); undefined`); // not the promise itself, which would be waited for
  await act();
  return page.evaluate<number>('timed');
}

/** Frames a second while something moves the map before each frame: every frame draws it anew. */
function framesWhile(page: Page, move: string): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const map = document.getElementById('map');
    const { left, top, width, height } = map.getBoundingClientRect();
    const at = (turn) => ({ clientX: left + width * (0.5 + 0.2 * Math.cos(turn)), clientY: top + height * (0.5 + 0.2 * Math.sin(turn)), bubbles: true, pointerId: 1, pointerType: 'mouse', button: -1, buttons: 1 });
    const start = performance.now();
    let frames = 0;
    const next = () => {
      const time = performance.now() - start;
      if (time > ${MOVED}) return resolve((1000 * frames) / time);
      frames++;
      (${move})(map, at(frames / 12), frames);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  })`);
}

const DRAG = `(map, at) => map.dispatchEvent(new PointerEvent('pointermove', at))`;
const ZOOM = `(map, at, i) => map.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: Math.floor(i / 25) % 2 ? 30 : -30, cancelable: true }))`;

async function dragged(page: Page): Promise<number> {
  const box = (await page.locator('#map').boundingBox())!;
  await page.mouse.move(box.x + 5, box.y + 5);
  await page.mouse.down();
  const frames = await framesWhile(page, DRAG);
  await page.mouse.up();
  await rest(page);
  return frames;
}

/** A place at which the page says that an item is: from the middle outwards, another direction for each number. */
async function placeOfAnItem(page: Page, box: Box, number: number): Promise<[number, number]> {
  for (let far = 60; far < 320; far += 4) {
    const angle = 2.4 * number + far / 200;
    const x = box.x + box.width / 2 + far * Math.cos(angle);
    const y = box.y + box.height / 2 + far * Math.sin(angle);
    await page.mouse.move(x, y);
    if (await page.locator('.hier-map-tip').isVisible()) return [x, y];
  }
  throw new Error('no item was found on the map');
}

/** Looks at the page as a user does. */
async function view(browser: Browser, url: string, clicks: number, profile?: string): Promise<Times> {
  const context = await browser.newContext({ viewport: SIZE });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const devtools = await context.newCDPSession(page);
  let bytes = 0;
  await devtools.send('Network.enable');
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  if (profile !== undefined) {
    await devtools.send('Profiler.enable');
    await devtools.send('Profiler.start');
  }
  await page.goto(url);
  await until(page, `performance.getEntriesByName('first view').length > 0`);
  const firstView = await page.evaluate<number>(`performance.getEntriesByName('first view')[0].startTime`);
  await rest(page);
  const firstBytes = bytes;
  const box = (await page.locator('#map').boundingBox())!;
  const neighbours: number[] = [];
  for (let i = 0; i < clicks; i++) {
    const [x, y] = await placeOfAnItem(page, box, i);
    const before = await page.evaluate<string>(`document.querySelector('#item h2')?.title ?? ''`);
    const isOther = `document.querySelector('#item h2')?.title !== ${JSON.stringify(before)}`;
    neighbours.push(
      await timeOf(
        page,
        'pointerup',
        () => page.mouse.click(x, y),
        `${isOther} && document.querySelectorAll('.near li').length === 12`,
      ),
    );
    await rest(page);
  }
  await page.locator('#map').press('Escape');
  await page.locator('#map').press('Home');
  await rest(page);
  const drag = await dragged(page);
  const zoom = await framesWhile(page, ZOOM);
  await page.locator('#map').press('Home');
  await rest(page);
  const click = (text: string) => () => page.locator(text).first().click();
  const mark = await timeOf(
    page,
    'click',
    click('#legend button'),
    `document.querySelector('#legend button[aria-pressed=true]')`,
  );
  await rest(page);
  const dragMarked = await dragged(page);
  await page.getByRole('button', { name: 'Clear' }).click();
  const openFilters = await timeOf(
    page,
    'click',
    click('#filter'),
    `document.querySelectorAll('#facets fieldset').length >= 4`,
  );
  await rest(page);
  const facet = await timeOf(
    page,
    'click',
    () => page.locator('#facets input[type=checkbox]').first().click(),
    `/^Filter \\(1/.test(document.getElementById('filter').textContent)`,
  );
  if (profile !== undefined) {
    const { profile: taken } = await devtools.send('Profiler.stop');
    writeFileSync(profile, JSON.stringify(taken));
  }
  await context.close();
  return { firstView, bytes: firstBytes, neighbours, drag, zoom, dragMarked, mark, openFilters, facet };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    views: { type: 'string', default: '3' },
    clicks: { type: 'string', default: '8' },
    table: { type: 'string' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
if (CHROMIUM === undefined)
  throw new Error('no chromium is installed here; HIER_CHROMIUM names one elsewhere');
const [rows, seed, views, clicks] = [options.rows, options.seed, options.views, options.clicks].map(Number);
const folder = mkdtempSync(join(tmpdir(), 'hier-bench-explorer-'));
try {
  const table = options.table ?? join(folder, 'table');
  if (!existsSync(table)) await makeExplorerTable(table, rows, seed);
  const started = performance.now();
  const { child, url } = await serveTable(table);
  const startSeconds = (performance.now() - started) / 1000;
  const browser = await launch({ webgl: false });
  const load = loadavg()[0];
  const all: Times[] = [];
  for (let i = 0; i < views; i++)
    all.push(await view(browser, url, clicks, i === views - 1 ? options.profile : undefined));
  await browser.close();
  child.removeAllListeners('exit');
  child.kill('SIGTERM');
  const of = (part: (times: Times) => readonly number[]) => all.flatMap(part);
  const lines: readonly [string, readonly number[], string, string][] = [
    ['first view', of((one) => [one.firstView]), 'ms', `at most ${BARS.firstView}`],
    ['click to neighbours', of((one) => one.neighbours), 'ms', `at most ${BARS.neighbours}`],
    ['frames while dragging', of((one) => [one.drag]), '/s', `at least ${BARS.frames}`],
    ['frames while magnifying', of((one) => [one.zoom]), '/s', `at least ${BARS.frames}`],
    ['frames while dragging, some marked', of((one) => [one.dragMarked]), '/s', `at least ${BARS.frames}`],
    ['click on the legend to marks', of((one) => [one.mark]), 'ms', '–'],
    ['click to facets, columns fetched', of((one) => [one.openFilters]), 'ms', '–'],
    ['click on a facet to what is left', of((one) => [one.facet]), 'ms', '–'],
    ['bytes until the map rests', of((one) => [one.bytes]), 'B', '–'],
  ];
  const machine = { cpu: cpus()[0].model, cores: cpus().length, load: [load, loadavg()[0]] };
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ machine, rows, seed, startSeconds, views: all }, null, 2)}\n`);
  } else {
    const shown = lines.map(([what, values, unit, bar]) => {
      const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)].map(
        Math.round,
      );
      return `${what.padEnd(36)} ${`${middle} ${unit}`.padStart(12)}   (${least} to ${most})   bar: ${bar}\n`;
    });
    process.stdout.write(
      `${rows} items, seed ${seed}, ${views} views at ${SIZE.width} × ${SIZE.height}, medians; server ready in ${startSeconds.toFixed(1)} s; ` +
        `${machine.cores} × ${machine.cpu}, load ${machine.load.map((one) => one.toFixed(1)).join(' to ')}\n${shown.join('')}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
