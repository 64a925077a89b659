import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openTable } from '../../src/engines/open.js';
import { writeNpy } from '../../src/io/npy.js';
import { csvText } from '../../src/io/writeRows.js';
import { exportPage } from '../../src/server/export/exportPage.js';
import { type RunningServer, startServer } from '../../src/server/server.js';
import { keepMap, mapOf } from '../../src/store/map.js';
import { indexTable } from '../../src/tables/index.js';
import { pointsFrom } from '../../web/data/points.js';
import { makeTable } from '../server/support.js';
import { CHROMIUM, launch, PATIENCE, until } from './browser.js';

const skip = CHROMIUM === undefined && 'no chromium is installed here (Debian: apt-get install chromium)';

describe('the explorer in a browser', { skip }, () => {
  const root = mkdtempSync(join(tmpdir(), 'hier-test-'));
  const pageFolder = join(root, 'page');
  let table: Awaited<ReturnType<typeof makeTable>>;
  let server: RunningServer;
  let browser: Browser;
  const foreign: string[] = [];
  const broken: string[] = [];

  before(async () => {
    execFileSync(process.execPath, ['scripts/web.mjs', '--out', pageFolder]);
    table = await makeTable(root);
    await keepEpochs(table.table);
    server = await startServer({ table: table.table, page: pageFolder, port: 0 });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** A page that notes whatever goes to another origin, and whatever fails. */
  const open = async (url: string, size = { width: 1200, height: 800 }): Promise<Page> => {
    const page = await browser.newPage({ viewport: size });
    page.setDefaultTimeout(PATIENCE);
    page.on('request', (request) => {
      const at = request.url();
      if (!at.startsWith(server.url) && !/^(blob|data):/.test(at) && !at.startsWith('file://'))
        foreign.push(at);
    });
    page.on('pageerror', ({ message }) => broken.push(message));
    page.on('console', (entry) => entry.type() === 'error' && broken.push(entry.text()));
    await page.goto(url);
    await page.waitForSelector('body:not(.loading)');
    return page;
  };
  /** Chooses an item by the search. */
  const pick = async (page: Page, id: string) => {
    await page.getByRole('combobox', { name: /Search/ }).fill(id);
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.near li').first().waitFor();
  };
  /** Draws a line around all that is shown. */
  const lassoAll = async (page: Page) => {
    await page.getByRole('button', { name: 'Lasso' }).click();
    const box = (await page.locator('#map').boundingBox())!;
    const corners = [
      [4, 4],
      [box.width - 4, 4],
      [box.width - 4, box.height - 4],
      [4, box.height - 4],
    ];
    await page.mouse.move(box.x + 4, box.y + box.height / 2);
    await page.mouse.down();
    for (const [dx, dy] of corners) await page.mouse.move(box.x + dx, box.y + dy, { steps: 3 });
    await page.mouse.up();
  };
  /** Drops a file on the map. */
  const drop = async (page: Page, name: string, type: string, bytes: Buffer) => {
    const data = await page.evaluateHandle(
      `(() => { const d = new DataTransfer(); const b = Uint8Array.from(atob('${bytes.toString('base64')}'), c => c.charCodeAt(0)); d.items.add(new File([b], '${name}', { type: '${type}' })); return d; })()`,
    );
    await page.dispatchEvent('#map', 'drop', { dataTransfer: data });
  };
  /** The address as the page has it: what the browser has told of it may be older. */
  const address = (page: Page) => page.evaluate<string>('location.href');
  /** Waits for the map to stand still, drawn as it is at rest. */
  const atRest = (page: Page) => page.locator('#map[aria-busy="false"]').waitFor();
  /** Changes what alone does not move the map, and answers the address that the page then writes of all that it shows. */
  const addressAfterLines = async (page: Page) => {
    await page.getByRole('button', { name: 'Lines' }).click();
    await page.waitForURL(/lines=off/);
    return address(page);
  };

  test('a click on the item in the middle shows it, its neighbours and why', async () => {
    const page = await open(server.url);
    const { id } = table.items[0];
    await pick(page, id);
    await atRest(page); // the flight brings it to the middle
    await page.getByRole('button', { name: 'Close this item' }).click();
    assert.equal(await page.locator('.near').count(), 0);
    const box = (await page.locator('#map').boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.locator('.near li').first().waitFor();
    assert.equal(await page.locator('#item h2').getAttribute('title'), id);

    const asked = await fetch(`${server.url}/api/search`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id, k: 12 }),
    });
    const { results } = (await asked.json()) as { results: { id: string; similarity: number }[] };
    const shown = await page.locator('.near .one').all();
    assert.deepEqual(
      await Promise.all(shown.map((one) => one.getAttribute('title'))),
      results.map((result) => result.id),
    );
    assert.deepEqual(
      await page.locator('.near .distance').allTextContents(),
      results.map(({ similarity }) => similarity.toFixed(2)),
    );

    await page.locator('.why').last().click();
    const relation = (await (
      await fetch(
        `${server.url}/api/relation?a=${encodeURIComponent(id)}&b=${encodeURIComponent(results.at(-1)!.id)}`,
      )
    ).json()) as { ancestor: string };
    assert.equal(await page.locator('.way strong').textContent(), relation.ancestor);
    await page.close();
  });

  test('dragging, scrolling and keys move the view; the address keeps it over a reload', async () => {
    const page = await open(server.url);
    const box = (await page.locator('#map').boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 120, y + 40, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/view=/);
    const dragged = await address(page);
    await page.mouse.wheel(0, -300);
    await until(page, `location.href !== ${JSON.stringify(dragged)}`);
    await page.locator('#map').focus();
    for (const key of ['ArrowLeft', '+']) {
      const before = await address(page);
      await page.keyboard.press(key);
      await until(page, `location.href !== ${JSON.stringify(before)}`);
    }
    await page.getByRole('button', { name: /Theme/ }).click();
    await page.waitForURL(/theme=dark/);
    const kept = await address(page);
    await page.reload();
    await page.waitForSelector('body:not(.loading)');
    assert.equal(await address(page), kept);
    assert.equal(await page.evaluate('getComputedStyle(document.documentElement).colorScheme'), 'dark');
    await page.keyboard.press('Home'); // the focus is elsewhere: nothing happens
    assert.equal(await addressAfterLines(page), `${kept}&lines=off`);
    await page.locator('#map').press('Home');
    await until(page, '!location.hash.includes("view=")');
    await page.close();
  });

  test('the map says that it is busy while it flies and while items move, and when it stands still', async () => {
    const page = await open(server.url);
    await atRest(page);
    const busyAfter = (choose: string) =>
      page.evaluate(`(() => { ${choose}; return document.getElementById('map').ariaBusy; })()`);
    assert.equal(await busyAfter("document.querySelector('.nodes button').click()"), 'true');
    await atRest(page);
    await page.waitForURL(/view=/); // where the flight has ended
    const slider = "document.getElementById('epoch')";
    assert.equal(await busyAfter(`${slider}.value = 0; ${slider}.dispatchEvent(new Event('input'))`), 'true');
    await atRest(page);
    // Another flight, stopped by a key.
    const key = "document.getElementById('map').dispatchEvent(new KeyboardEvent('keydown', { key: '+' }))";
    assert.equal(await busyAfter(`document.getElementById('home').click(); ${key}`), 'true');
    await atRest(page);
    await page.close();
  });

  test('an item in the address is shown after opening it, and Back goes to the one before', async () => {
    const [first, second] = table.items;
    const page = await open(`${server.url}/#item=${encodeURIComponent(first.id)}`);
    await page.locator('.near li').first().waitFor();
    assert.equal(await page.locator('#item h2').getAttribute('title'), first.id);
    await pick(page, second.id);
    await page.goBack();
    await until(page, `document.querySelector('#item h2').title === ${JSON.stringify(first.id)}`);
    await page.close();
  });

  test('a dropped image is asked about, and what is not an image is refused', async () => {
    const page = await open(server.url);
    await drop(page, 'notes.txt', 'text/plain', Buffer.from('hello'));
    await page.getByRole('status').getByText('is not an image').waitFor();
    await drop(page, 'mine.png', 'image/png', readFileSync(join(table.images, table.items[0].id)));
    await page.locator('.near li').first().waitFor();
    assert.equal(await page.locator('#item h2').textContent(), 'mine.png');
    assert.equal(await page.locator('.near .one').first().getAttribute('title'), table.items[0].id);
    assert.equal(await page.locator('.near .distance').first().textContent(), '1.00');
    await page.close();
  });

  test('going back from an image goes to the item before; its search is ignored and its object URL freed', async () => {
    const [first, second] = table.items;
    const page = await open(`${server.url}/#item=${encodeURIComponent(first.id)}`);
    await page.locator('.near li').first().waitFor();
    const neighbours = await page.evaluate(NEAR);
    await page.evaluate(
      '{ globalThis.freed = []; const free = URL.revokeObjectURL; URL.revokeObjectURL = (url) => { freed.push(url); free.call(URL, url); }; }',
    );
    await page.evaluate(
      '{ globalThis.read = 0; const json = Response.prototype.json; Response.prototype.json = function () { const all = json.call(this); if (this.url.includes("search/image")) all.finally(() => read++); return all; }; }',
    );
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/api/search/image*', async (route) => {
      await held;
      await route.continue();
    });
    const ask = async () => {
      await drop(page, 'mine.png', 'image/png', readFileSync(join(table.images, second.id)));
      await page.getByText('Searching …').waitFor();
      return page.evaluate<string>('document.querySelector(".item img").src');
    };
    const urls = [await ask()];
    await page.goBack();
    await until(page, `document.querySelector('#item h2').title === ${JSON.stringify(first.id)}`);
    await page.locator('.near li').first().waitFor();
    await page.getByRole('button', { name: 'Close this item' }).click();
    urls.push(await ask());
    await page.goBack();
    await page.goForward(); // to the image, which is forgotten by now
    await until(page, 'document.querySelector("#item .hints")');
    await page.goBack(); // to the closed item
    await page.goBack();
    await page.locator('.near li').first().waitFor();
    answer();
    await until(page, `read === ${urls.length}`);
    assert.deepEqual(await page.evaluate(NEAR), neighbours);
    assert.deepEqual(await page.evaluate('freed'), urls);
    await page.close();
  });

  test('going back from an image on a page just opened stays on it', async () => {
    const page = await open(server.url);
    const opened = await address(page);
    await drop(page, 'mine.png', 'image/png', readFileSync(join(table.images, table.items[1].id)));
    await page.locator('.near li').first().waitFor();
    await page.goBack();
    await page.locator('#item .hints').waitFor();
    assert.ok((await address(page)).startsWith(opened));
    await page.close();
  });

  test('going back stops a flight, and leaves what the lasso has marked', async () => {
    const page = await open(server.url);
    await pick(page, table.items[0].id);
    await page.waitForURL(/view=/); // where the flight has ended
    await lassoAll(page);
    await page.locator('#marked').getByText('24 items marked').waitFor();
    const kept = await address(page);
    await page.getByRole('combobox', { name: /Search/ }).fill(table.items.at(-1)!.id);
    await page.keyboard.press('Enter');
    await page.evaluate('history.back()'); // within the flight
    await until(page, `location.href === ${JSON.stringify(kept)}`);
    await atRest(page);
    assert.equal(await addressAfterLines(page), `${kept}&lines=off`);
    assert.equal(await page.locator('#marked').getByText('24 items marked').isVisible(), true);
    await page.close();
  });

  test('the search leaves Enter to those who compose characters, and forgets what Escape has closed', async () => {
    const page = await open(server.url);
    const box = page.getByRole('combobox', { name: /Search/ });
    await box.fill(table.items[0].id);
    await box.dispatchEvent('keydown', { key: 'Enter', isComposing: true });
    assert.equal(await page.locator('#found').isVisible(), true);
    await box.press('Escape');
    await box.press('Enter');
    assert.equal(await page.locator('#item .hints').isVisible(), true, 'nothing is looked at');
    assert.equal(await page.locator('.near').count(), 0);
    await page.close();
  });

  test('the search looks into all columns where a server is behind the page, also for who presses Enter at once', async () => {
    const page = await open(server.url);
    const box = page.getByRole('combobox', { name: 'Search all columns, classes, nodes and ids' });
    const found = page.getByRole('option');
    const chosen = async () => {
      await page.locator('.near li').first().waitFor();
      return page.locator('#item h2').getAttribute('title');
    };
    const { results } = (await (await fetch(`${server.url}/api/search/text?k=12&q=light`)).json()) as {
      results: { id: string }[];
    };
    assert.equal(results.length, 12);
    await box.fill('light');
    await found.nth(11).waitFor();
    assert.deepEqual(
      (await found.locator('.name').allTextContents()).slice(0, 12),
      results.map(({ id }) => id),
    );
    await box.press('ArrowDown');
    await box.press('Enter');
    assert.equal(await chosen(), results[1].id);
    await page.getByRole('button', { name: 'Close this item' }).click();
    await box.fill('3 png light');
    await box.press('Enter');
    assert.match((await chosen())!, /3\.png$/);
    await box.fill('zebra');
    await page.getByRole('option', { name: 'No item has a word that begins with "zebra".' }).waitFor();
    await page.close();
  });

  test('the lasso marks the items inside its line, and exports their ids', async () => {
    const page = await open(server.url);
    await lassoAll(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export ids' }).click(),
    ]);
    const ids = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    assert.deepEqual(ids.sort(), table.items.map(({ id }) => id).sort());
    await page.getByRole('button', { name: 'Clear' }).click();
    assert.equal(await page.locator('#marked').isVisible(), false);
    await page.close();
  });

  test('the tree is walked down, and the window may change its size', async () => {
    const page = await open(server.url);
    await page.locator('.nodes button').first().click();
    await page.getByText('12 items marked').waitFor();
    assert.match(await address(page), /node=(left|right)/);
    await page.setViewportSize({ width: 390, height: 844 });
    const widths =
      '(() => { const c = document.querySelector("[data-layer=points]"), m = document.getElementById("map"); return [c.clientWidth, m.clientWidth, c.width / Math.min(2, devicePixelRatio), document.documentElement.scrollWidth]; })()';
    await until(page, `${widths}.every((width) => width === 390)`);
    await page.close();
  });

  test('points are drawn with and without WebGL', async () => {
    for (const way of ['webgl', 'software']) {
      const page = await open(`${server.url}/?draw=${way}#lines=off`);
      await atRest(page);
      const shot = () => page.screenshot({ clip: { x: 100, y: 100, width: 600, height: 600 } });
      const hide = (layer: string) =>
        page.evaluate(`document.querySelector('[data-layer=${layer}]').style.visibility = 'hidden'`);
      await hide('over'); // thumbnails may still be arriving
      const drawn = await shot();
      assert.deepEqual(await shot(), drawn);
      await hide('points');
      assert.notDeepEqual(await shot(), drawn, way);
      await page.close();
    }
  });

  test('the slider goes through the epochs, by keys too; the address keeps the epoch', async () => {
    const page = await open(server.url);
    const slider = page.getByRole('slider', { name: 'Epoch' });
    const shown = () => slider.getAttribute('aria-valuetext');
    assert.equal(await shown(), 'trained');
    await page.locator('#map').press(',');
    assert.equal(await shown(), 'epoch 5');
    await page.waitForURL(/epoch=5/);
    await slider.press('ArrowLeft');
    assert.equal(await shown(), 'epoch 2');
    await page.waitForURL(/epoch=2/);
    const kept = await address(page);
    // At epoch 2 the first class is not known: the lasso finds the others alone.
    await lassoAll(page);
    await page.locator('#marked').getByText('20 items marked').waitFor();
    await page.goto('about:blank');
    await page.goto(kept);
    await page.waitForSelector('body:not(.loading)');
    assert.equal(await shown(), 'epoch 2');
    await page.getByRole('button', { name: 'Play the epochs' }).click();
    await until(page, 'document.getElementById("epoch").ariaValueText === "trained"');
    await until(page, '!location.hash.includes("epoch=")');
    await page.close();
  });

  test('an epoch that does not know all items says so, and what is counted follows', async () => {
    const page = await open(server.url);
    const slider = page.getByRole('slider', { name: 'Epoch' });
    const legend = page.getByRole('region', { name: 'Colours' });
    const { label } = table.items[0]; // the class that epoch 2 does not know
    const counts = () => page.locator('.nodes .distance').allTextContents();
    assert.equal(await legend.locator('button').count(), 6);
    assert.deepEqual(await counts(), ['12', '12']);
    await pick(page, table.items[0].id);
    await slider.press('Home');
    await page.getByText('Not on the map at epoch 2').waitFor();
    await page.locator('#epochs').getByText('20 of 24 items').waitFor();
    await page.getByRole('status').getByText('epoch 2: 20 of 24 items').waitFor();
    assert.equal(await legend.locator('button').count(), 5);
    assert.equal(await legend.getByRole('button', { name: label! }).count(), 0);
    assert.deepEqual((await counts()).sort(), ['12', '8']);
    await page.getByRole('button', { name: 'Close this item' }).click();
    await page.locator('#item').getByText('Shown at epoch 2: 20 items.').waitFor();
    await page.locator('.nodes button', { hasText: '8' }).click();
    await page.getByText('12 items marked, 8 of them shown').waitFor();
    await slider.press('End');
    await page.getByText('12 items marked', { exact: true }).waitFor();
    assert.equal(await page.locator('#epochItems').textContent(), '24 items');
    assert.equal(await legend.locator('button').count(), 6);
    await page.close();
  });

  test('items are coloured by class, tree and column; the legend marks what a colour stands for', async () => {
    const page = await open(server.url);
    const pixels = () => page.evaluate('document.querySelector("[data-layer=points]").toDataURL()');
    const select = page.getByRole('combobox', { name: 'Colour' });
    assert.deepEqual(await select.locator('option').allTextContents(), ['by class', 'by tree', 'by shade']);
    await atRest(page);
    const byClass = await pixels();
    await select.selectOption('by shade');
    await atRest(page);
    assert.notEqual(await pixels(), byClass);
    const legend = page.getByRole('region', { name: 'Colours' });
    assert.deepEqual(await legend.locator('button').allTextContents(), ['dark12', 'light12']);
    await legend.getByRole('button', { name: 'light' }).click();
    await page.getByText('12 items marked').waitFor();
    assert.match(await address(page), /colour=level\.shade&term=light/);
    assert.equal(await page.evaluate('document.activeElement.title'), 'light');
    await page.reload();
    await page.waitForSelector('body:not(.loading)');
    await page.getByText('12 items marked').waitFor();
    await select.selectOption('by tree');
    assert.equal(await page.locator('#marked').isVisible(), false);
    await legend.getByRole('button').first().click();
    await page.getByText('12 items marked').waitFor();
    assert.match(await address(page), /node=(left|right)/);
    await page.close();
  });

  test('an item shows its large picture and its columns, and arrow keys go through its neighbours', async () => {
    const page = await open(`${server.url}/#item=${encodeURIComponent(table.items[0].id)}`);
    await page.locator('.near li').first().waitFor();
    await until(page, 'document.querySelector("#item .large img")?.naturalWidth === 48');
    assert.deepEqual(await page.locator('.columns dt').allTextContents(), ['Shade']);
    assert.deepEqual(await page.locator('.columns dd').allTextContents(), ['dark']);
    const focused = () =>
      page.evaluate('[...document.querySelectorAll(".one")].indexOf(document.activeElement)');
    await page.locator('.one').first().focus();
    const steps: unknown[] = [];
    for (const key of ['ArrowRight', 'End', 'ArrowLeft', 'Home']) {
      await page.keyboard.press(key);
      steps.push(await focused());
    }
    assert.deepEqual(steps, [1, 11, 10, 0]);
    await page.locator('.why').first().press('Enter');
    await page.locator('.way').waitFor();
    assert.equal(await page.evaluate('document.activeElement.className'), 'why', 'the focus stays');
    await page.locator('.one').nth(1).press('Enter');
    await until(page, 'document.activeElement.tagName === "H2"');
    await page.close();
  });

  test('filters narrow the map, the neighbours and the file of what is left, and the address keeps them', async () => {
    const page = await open(`${server.url}/#item=${encodeURIComponent(table.items[0].id)}`);
    await page.locator('.near li').first().waitFor();
    await page.getByRole('button', { name: 'Filter' }).click();
    const facets = page.getByRole('region', { name: 'Filters' });
    await facets.getByRole('checkbox', { name: 'light' }).check();
    await facets.getByText('12 of 24 items').waitFor();
    await page.waitForURL(/filter=shade/);
    await page.getByText('it does not pass the filters').waitFor();
    const light = new Set(
      table.items.filter(({ metadata }) => metadata.shade === 'light').map(({ id }) => id),
    );
    await until(page, `${NEAR}.every((id) => ${JSON.stringify([...light])}.includes(id))`);
    assert.deepEqual(new Set(await page.evaluate<string[]>(NEAR)), light);
    assert.deepEqual(
      await facets.getByRole('group', { name: 'Shade' }).locator('.distance').allTextContents(),
      ['12', '12'],
    );
    await page.reload();
    await page.waitForSelector('body:not(.loading)');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    const [head, ...lines] = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    assert.equal(head, 'id,label,node,shade');
    assert.deepEqual(new Set(lines.map((line) => line.split(',')[0])), light);
    assert.ok(lines.every((line) => line.endsWith(',light')));
    await page.getByRole('button', { name: 'Clear' }).click();
    assert.equal(await page.locator('#marked').isVisible(), false);
    assert.doesNotMatch(await address(page), /filter=/);
    await page.close();
  });

  test('everything has a name and a role, the focus goes in reading order, and texts can be read', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const page = await open(`${server.url}/#item=${encodeURIComponent(table.items[0].id)}&theme=${scheme}`);
      await page.locator('.near li').first().waitFor();
      assert.deepEqual(await page.evaluate(NAMELESS), []);
      assert.deepEqual(await page.evaluate(FAINT), []);
      const order: string[] = [];
      for (let i = 0; i < 11; i++) {
        await page.keyboard.press('Tab');
        order.push(
          String(await page.evaluate('document.activeElement.id || document.activeElement.ariaLabel')),
        );
      }
      assert.deepEqual(order, [
        'search',
        'filter',
        'colour',
        'lines',
        'lasso',
        'home',
        'file',
        'theme',
        'map',
        'play',
        'epoch',
      ]);
      await page.close();
    }
  });

  test('an export needs no server and shows the same neighbours', async () => {
    const out = join(root, 'export');
    const result = await exportPage({ table: table.table, out, page: pageFolder, k: 5 });
    assert.deepEqual(result, { items: 24, thumbnails: 24 });
    await exportPage({ table: table.table, out, page: pageFolder, k: 5 }); // over an earlier one
    await assert.rejects(
      exportPage({ table: table.table, out: table.images, page: pageFolder }),
      /not empty/,
    );
    const { id } = table.items[0];
    const page = await open(`${pathToFileURL(join(out, 'index.html'))}#item=${encodeURIComponent(id)}`);
    await page.locator('.near li').first().waitFor();
    const { results } = (await (
      await fetch(`${server.url}/api/search`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ id, k: 5 }),
      })
    ).json()) as { results: { id: string; distance: number }[] };
    assert.deepEqual(
      await page.locator('.near .distance').allTextContents(),
      results.map(({ distance }) => distance.toFixed(3)),
    );
    assert.equal(await page.locator('#choose').isVisible(), false);
    const slider = page.getByRole('slider', { name: 'Epoch' });
    await slider.press('Home');
    assert.equal(await slider.getAttribute('aria-valuetext'), 'epoch 2');
    const isLoaded = 'document.querySelector("#item .shown img").naturalWidth > 0';
    await until(page, isLoaded);
    await page.close();
  });

  test('two tables side by side: the same items are chosen, marked and coloured on both, and what is only in one is said', async () => {
    const [vectors, items, out] = ['other.npy', 'other.csv', 'other'].map((name) => join(root, name));
    const ids = [...table.items.slice(0, 20).map(({ id }) => id), 'lonely'];
    const data = Float32Array.from({ length: 3 * ids.length }, (_, i) => Math.sin(i * i));
    writeNpy(vectors, { shape: [ids.length, 3], data });
    writeFileSync(items, csvText(ids.map((id) => ({ id }))));
    await indexTable({ source: vectors, items, out, map: false });
    const two = await startServer({ table: table.table, beside: out, page: pageFolder, port: 0 });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', ({ message }) => broken.push(message));
    try {
      await page.goto(two.url);
      await page.waitForSelector('body:not(.loading)');
      assert.match((await page.locator('#which').textContent())!, /24 items, 4 only here$/);
      assert.match((await page.locator('#which2').textContent())!, /21 items, 1 only here$/);
      const near = (id: string) =>
        page.evaluate<string[]>(`[...document.querySelectorAll('#${id} .one')].map((one) => one.title)`);
      const [first, , , last] = [...table.items.slice(0, 3), table.items[23]];
      await pick(page, first.id);
      await until(page, `document.querySelectorAll('#near2 .one').length === 12`);
      const answer = await fetch(`${two.url}/beside/api/search`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ id: first.id, k: 12 }),
      });
      const { results } = (await answer.json()) as { results: { id: string }[] };
      assert.deepEqual(
        await near('near2'),
        results.map(({ id }) => id),
      );
      const inBoth = results.filter(({ id }) => id !== 'lonely').map(({ id }) => id);
      const above = new Set(await near('item'));
      await page.getByText(`${inBoth.filter((id) => above.has(id)).length} of 12 are among`).waitFor();
      const card = (id: string) => page.locator(`#near2 .one[title="${id}"]`);
      await card('lonely').click();
      await page.getByRole('heading', { name: /^lonely, only in other/ }).waitFor();
      await page.locator('#near2 .one').first().waitFor();
      const [nearest] = await near('near2');
      await card(nearest).click();
      await until(page, `document.querySelector('#item h2')?.title === ${JSON.stringify(nearest)}`);
      await pick(page, last.id);
      await page.getByText('This item is not in').waitFor();
      await page.locator('#map').press('Escape');
      await page.locator('#near2').waitFor({ state: 'hidden' });
      await page.locator('#map2').press('Enter');
      await page.locator('#near2 .one').first().waitFor();
      assert.equal((await fetch(`${server.url}/beside/api/table`)).status, 404);
    } finally {
      await page.close();
      await two.close();
    }
  });

  test('items without a picture have their colour in its place, and are not asked for one again', async () => {
    const [vectors, items, out] = ['plain.npy', 'plain.csv', 'plain'].map((name) => join(root, name));
    writeNpy(vectors, { shape: [20, 3], data: Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)) });
    const path = (i: number) => (i === 19 ? 'lost.png' : ''); // so that there may be pictures
    const rows = Array.from({ length: 20 }, (_, i) => ({ id: `${i}`, label: `${i % 2}`, path: path(i) }));
    writeFileSync(items, csvText(rows));
    await indexTable({ source: vectors, items, out });
    const plain = await startServer({ table: out, page: pageFolder, port: 0 });
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.addInitScript(
      'globalThis.asked = globalThis.failed = 0; globalThis.Image = class extends Image { constructor() { super(); asked++; this.addEventListener("error", () => failed++); } };',
    );
    try {
      const asked: string[] = [];
      page.on('request', (request) => request.url().includes('thumbnail') && asked.push(request.url()));
      const look = async (id: string) => {
        await page.goto(`${plain.url}/#item=${id}`);
        await page.locator(`#item h2[title="${id}"]`).waitFor();
        await until(page, 'document.querySelectorAll(".near .swatch").length === 12');
        await until(page, '!document.querySelector("#item img")');
        await atRest(page); // the map has asked for what it shows
        await until(page, 'asked === failed');
      };
      await look('3');
      await look('4');
      assert.ok(asked.length > 0);
      asked.length = 0;
      await look('3');
      assert.deepEqual(asked, []);
    } finally {
      await page.close();
      await plain.close();
    }
  });

  test('the search lists items of one title once, with their number, and marks all of them; without pictures too', async () => {
    const [vectors, items, out] = ['alike.npy', 'alike.csv', 'alike'].map((name) => join(root, name));
    writeNpy(vectors, { shape: [20, 3], data: Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)) });
    const rows = Array.from({ length: 20 }, (_, i) => ({
      id: `sku-${i}`,
      title: i < 14 ? 'Vanilla yoghurt' : `Vanilla <b> ${i}`,
      brand: i === 15 ? 'Acme' : 'Zenith',
    }));
    writeFileSync(items, csvText(rows));
    await indexTable({ source: vectors, items, out });
    const alike = await startServer({ table: out, page: pageFolder, port: 0 });
    const page = await browser.newPage({ viewport: { width: 820, height: 800 } });
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', ({ message }) => broken.push(message));
    page.on('console', (entry) => entry.type() === 'error' && broken.push(entry.text()));
    page.on('request', (request) => request.url().includes('thumbnail') && broken.push(request.url()));
    try {
      await page.goto(alike.url);
      await page.waitForSelector('body:not(.loading)');
      const box = page.getByRole('combobox', { name: /Search/ });
      const names = () =>
        page.evaluate<string[]>(
          '[...document.querySelectorAll("#found [role=option]")].map((one) => one.textContent)',
        );
      await box.fill('vanilla');
      await page.getByRole('option', { name: 'All 20 items with these words' }).waitFor();
      assert.deepEqual((await names()).sort(), [
        'All 20 items with these words marks them on the map',
        'Vanilla <b> 14 sku-14',
        'Vanilla <b> 15 sku-15',
        ...[16, 17, 18, 19].map((i) => `Vanilla <b> ${i} sku-${i}`),
        'Vanilla yoghurt 14 items',
      ]);
      assert.equal(await page.locator('#foundTold').textContent(), '8 found');
      assert.equal(await page.locator('#found img, #found .without').count(), 0);
      assert.equal(await page.getByRole('combobox', { name: 'Colour' }).inputValue(), 'level.brand');
      await box.fill('acme vanilla');
      await page.getByRole('option', { name: 'Vanilla <b> 15 Brand: Acme · sku-15' }).waitFor();
      await box.fill('acme yoghurt');
      await page.getByRole('option', { name: /^No item has all of these words together/ }).waitFor();
      await box.fill('vanilla yog');
      await page.getByRole('option', { name: 'Vanilla yoghurt 14 items' }).waitFor();
      await box.press('Enter');
      await page.getByText('14 items marked').first().waitFor();
      const cards = page.locator('#item .one');
      assert.equal(await cards.count(), 12);
      assert.deepEqual(
        (await cards.locator('.id').allTextContents()).map((id) => id.trim()),
        rows.slice(0, 12).map(({ id }) => id),
      );
      assert.equal(await cards.locator('.id').first().isVisible(), true);
    } finally {
      await page.close();
      await alike.close();
    }
  });

  test('the page reads the points that the service writes', async () => {
    const answer = await fetch(`${server.url}/api/points`);
    const points = pointsFrom(await answer.arrayBuffer());
    assert.deepEqual([...points.ids].sort(), table.items.map(({ id }) => id).sort());
  });

  test('nothing was asked of another origin, and nothing failed', () => {
    assert.deepEqual(foreign, []);
    assert.deepEqual(broken, []);
  });
});

/** Gives a table two earlier epochs: nearer to the middle, and without the first class at the earlier one. */
async function keepEpochs(table: string): Promise<void> {
  const store = await openTable(table);
  const map = (await mapOf(store))!;
  const at = (epoch: number, isKnown: (id: string) => boolean) => ({
    epoch,
    places: map.places.map((value, i) => (isKnown(map.ids[i >> 1]) ? (value * epoch) / 10 : Number.NaN)),
  });
  const epochs = [at(2, (id) => !id.startsWith('00')), at(5, () => true)];
  await keepMap(store, { ...map, key: `${map.key}+2,5`, epochs });
  await store.close();
}

/** Ids of the items whose cards are shown. */
const NEAR = `[...document.querySelectorAll('.near .one')].map((one) => one.title)`;

/** Controls and pictures without an accessible name. */
const NAMELESS = `[...document.querySelectorAll('button, input, select, a, img, [role]')]
  .filter((e) => e.offsetParent !== null && !e.matches('[role=status]'))
  .filter((e) => !(e.textContent.trim() || e.getAttribute('aria-label') || e.hasAttribute('alt') || e.labels?.length))
  .map((e) => e.outerHTML)`;

/** Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3). */
const FAINT = `(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const behind = (e) => { for (let at = e; at; at = at.parentElement) { const c = parts(getComputedStyle(at).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  return [...document.querySelectorAll('h2, h3, p, span, button, label, li, strong, dt, dd, a, legend, summary')]
    .filter((e) => e.offsetParent !== null && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .map((e) => { const [a, b] = [luminance(parts(getComputedStyle(e).color)), luminance(behind(e))]; return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.outerHTML]; })
    .filter(([contrast]) => contrast < 4.5);
})()`;
