import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html, htmlTable, trusted } from '../../../src/figures/report/html.js';
import { reportPage } from '../../../src/figures/report/page.js';
import { treeBrowser } from '../../../src/figures/report/treeBrowser.js';
import { text } from '../../../src/figures/svg.js';
import type { Hierarchy } from '../../../src/hierarchy/index.js';

const HOSTILE = `"><img src=x onerror=alert(1)></title><script>alert('&')</script>`;

const leaf = (id: number, parent: number) => ({
  id,
  parent,
  children: [] as number[],
  members: [id],
  depth: 2,
  length: 1,
  norm: null,
  proxy: null,
  label: HOSTILE,
  exemplars: [id],
});
const hierarchy: Hierarchy = {
  construction: 'lca',
  leaves: [HOSTILE, 'b', 'c'],
  nodes: [
    leaf(0, 3),
    leaf(1, 3),
    leaf(2, 4),
    { ...leaf(3, 4), children: [0, 1], members: [0, 1] },
    { ...leaf(4, 0), parent: null, children: [2, 3], members: [0, 1, 2] },
  ],
};

test('a template escapes what it is given, in content and in attributes, and leaves HTML alone', () => {
  assert.equal(
    html`<a href="${'"x'}">${'<b>'}${html`<i>${'&'}</i>`}${null}${[html`1`, html`2`]}${3}</a>`.html,
    '<a href="&quot;x">&lt;b&gt;<i>&amp;</i>123</a>',
  );
  assert.equal(html`${trusted('<b>')}`.html, '<b>');
});

test('tables have their numbers at the right', () => {
  const { html: text } = htmlTable([{ title: 'a' }, { title: 'b', right: true }], [[HOSTILE, '1']], HOSTILE);
  assert.match(text, /<td class="n">1<\/td>/);
  assert.ok(!text.includes('<img') && !text.includes('<script'));
});

test('hostile names stay text everywhere in the page, and nothing is fetched', () => {
  const page = reportPage({
    title: HOSTILE,
    subtitle: HOSTILE,
    key: [{ value: HOSTILE, meaning: HOSTILE }],
    notes: [HOSTILE],
    sections: [
      {
        id: 'a',
        title: HOSTILE,
        paragraphs: [HOSTILE],
        tables: [{ caption: HOSTILE, columns: [{ title: HOSTILE }], rows: [[HOSTILE]] }],
        figures: [
          { width: 10, height: 10, title: HOSTILE, content: text(1, 1, HOSTILE, { size: 10, fill: '#000' }) },
        ],
        more: treeBrowser(hierarchy, { pictureOf: () => 'data:image/png;base64,AAAA' }),
      },
    ],
  });
  assert.ok(!/<script|<img src=x|onerror=alert\(1\)>/.test(page.replaceAll(/&lt;.*?&gt;/g, '')));
  assert.equal(page.match(/<title>/g)!.length, 1);
  assert.equal(
    [...page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)].filter(([, to]) => !to.startsWith('data:')).length,
    0,
  );
  assert.ok(!/url\(|@import|<link/.test(page));
  assert.match(page, /default-src 'none'/);
});

test('the tree browser opens the root, nests, counts, and shows leaves by name', () => {
  const { html: text } = treeBrowser(hierarchy, { pictureOf: (item) => (item === 3 ? 'data:x' : null) });
  assert.equal(text.match(/<details/g)!.length, 2);
  assert.equal(text.match(/<\/details>/g)!.length, 2);
  assert.equal(text.match(/<details open>/g)!.length, 1);
  assert.equal(text.match(/<img /g)!.length, 1);
  assert.match(text, /<li class="leaves">c<\/li>/);
  const many = treeBrowser(hierarchy, { pictureOf: () => null, names: 1 });
  assert.match(many.html, / and 1 more/);
});
