// Looks at every page of a site that was built: each link, picture and anchor within it leads somewhere, each link has a name, and nothing that a page
// shows or runs is asked of another host. `node scripts/site/links.mjs [FOLDER]` prints what is wrong, and fails then.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const unescaped = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");

/** What is linked to from a page: `href`, `src` and `srcset` of its elements, with the name of the element. */
function linksOf(html) {
  // What is shown as code is text; scripts of the page hold no elements.
  const markup = html.replace(/<script\b[^>]*>[^<]*<\/script>/g, (script) => script.replace(/>[^<]*</, '><'));
  return [...markup.matchAll(/<([a-z]+)\b([^>]*)>/g)].flatMap(([, element, attributes]) =>
    [...attributes.matchAll(/\b(href|src|srcset)="([^"]*)"/g)].flatMap(([, name, value]) => {
      const targets = name === 'srcset' ? value.split(',').map((one) => one.trim().split(/\s+/)[0]) : [value];
      return targets.map((target) => ({ element, target: unescaped(target) }));
    }),
  );
}

/** What is wrong with the links of a site, a line each, and how many there are. */
export function checkLinks(folder) {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html') && !name.startsWith('media'))
    .map((name) => join(folder, name));
  const texts = new Map(pages.map((page) => [page, readFileSync(page, 'utf8')]));
  const anchors = new Map();
  const anchorsOf = (page) => {
    if (!anchors.has(page))
      anchors.set(
        page,
        new Set([...texts.get(page).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => unescaped(id))),
      );
    return anchors.get(page);
  };
  const wrong = new Set();
  let links = 0;
  for (const [page, html] of texts)
    for (const { element, target } of linksOf(html)) {
      links++;
      const problem = problemOf(page, element, target);
      if (problem !== undefined) wrong.add(`${relative(folder, page)}: ${target} ${problem}`);
    }
  for (const [page, html] of texts)
    for (const [, attributes, inner] of html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/g)) {
      const [, target] = attributes.match(/\bhref="([^"]*)"/) ?? [];
      const hasName =
        /\baria-label=/.test(attributes) ||
        inner.includes('<img') ||
        /\S/.test(inner.replace(/<[^>]*>/g, ''));
      if (target !== undefined && !hasName) wrong.add(`${relative(folder, page)}: ${target} has no name`);
    }
  return { pages: pages.length, links, wrong: [...wrong] };

  function problemOf(page, element, target) {
    if (/^(https?:)?\/\//.test(target)) return element === 'a' ? undefined : 'is asked of another host';
    if (/^[a-z]+:/.test(target)) return undefined;
    const [path, anchor = ''] = target.split('#');
    const file = path === '' ? page : join(dirname(page), decodeURIComponent(path.replace(/\?.*/, '')));
    if (!existsSync(file) || !statSync(file).isFile()) return 'leads nowhere';
    if (file.endsWith('.md')) return 'is a page of Markdown, which a browser does not show';
    if (anchor !== '' && texts.has(file) && !anchorsOf(file).has(decodeURIComponent(anchor)))
      return 'names a place that its page does not have';
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const { pages, links, wrong } = checkLinks(resolve(process.argv[2] ?? join('docs', 'site')));
  for (const line of wrong) process.stderr.write(`${line}\n`);
  process.stderr.write(`${links} links on ${pages} pages, ${wrong.length} of them wrong\n`);
  if (wrong.length > 0) process.exit(1);
}
