/** The site: every guide has its place, and a link that leads nowhere is found. The site itself is built by a check of its own. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../images/support.js';

/** What a script of the site exports. */
const script = <T>(name: string): Promise<T> =>
  import(pathToFileURL(resolve('scripts', 'site', name)).href) as Promise<T>;

type Groups = readonly [group: string, pages: readonly [path: string, title: string][]][];

describe('the site', async () => {
  const { GROUPS } = await script<{ GROUPS: Groups }>('pages.mjs');
  const { checkLinks } = await script<{
    checkLinks: (folder: string) => { pages: number; links: number; wrong: string[] };
  }>('links.mjs');

  it('has a place for every guide', () => {
    const placed = GROUPS.flatMap(([, pages]) => pages.map(([path]) => path));
    const guides = readdirSync('docs').filter((name) => name.endsWith('.md'));
    for (const name of guides) assert.ok(placed.includes(`docs/${name}`), `docs/${name}`);
    assert.equal(new Set(placed).size, placed.length);
  });

  it('is searched for links, pictures and anchors that lead nowhere, and for what other hosts would have to give', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'media'));
    writeFileSync(join(folder, 'media', 'a.png'), '');
    writeFileSync(join(folder, 'media', 'page.md'), '');
    const good =
      '<h2 id="top">x</h2><a href="#top">x</a><a href="b.html#o&amp;k"><b>y</b></a><a href="https://elsewhere.example">z</a>' +
      '<source srcset="media/a.png 2x"><a href="mailto:a@b.example" aria-label="Post"><svg></svg></a>';
    writeFileSync(join(folder, 'b.html'), '<h2 id="o&amp;k"></h2><code>&lt;a href="nowhere"&gt;</code>');
    writeFileSync(join(folder, 'index.html'), good);
    assert.deepEqual(checkLinks(folder), { pages: 2, links: 5, wrong: [] });
    const bad =
      '<a href="#bottom">x</a><a href="c.html">x</a><a href="#top"><span> </span></a><img src="https://elsewhere.example/a.png">' +
      '<script src="//elsewhere.example/x.js"></script><img srcset="media/a.png, media/b.png 2x"><a href="media/page.md">x</a>';
    writeFileSync(join(folder, 'index.html'), good + bad);
    assert.deepEqual(
      checkLinks(folder).wrong.map((line) => line.split(' ')[1]),
      [
        '#bottom',
        'c.html',
        'https://elsewhere.example/a.png',
        '//elsewhere.example/x.js',
        'media/b.png',
        'media/page.md',
        '#top',
      ],
    );
  });
});
