// A plugin for TypeDoc: it makes a site of the API and the guides. Guides get their title and their group of the navigation from
// pages.mjs, and modules the names under which they are imported.
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Converter, PageEvent, RendererEvent } from 'typedoc';
import { GROUPS } from './pages.mjs';

const root = join(import.meta.dirname, '..', '..');
const PAGES = new Map(
  GROUPS.flatMap(([group, pages]) => pages.map(([path, title]) => [path, { group, title }])),
);

/** The names under which files of the source are imported, from the exports of the package. */
function importNames() {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.entries(exports).filter(([, target]) => target.default !== undefined);
  return new Map(
    entries.map(([path, target]) => {
      const file = target.default.replace('./dist/', '').replace(/js$/, 'ts');
      return [file, `${name}${path.slice(1)}`];
    }),
  );
}

/**
 * The parts of a page with the code in its headings as text: lists of a page's headings and anchors are made of their text alone, so
 * that a heading of code had no name there.
 */
function withPlainHeadings(parts) {
  let line = '';
  return parts.map((part) => {
    const isInHeading = /^#+ /.test(line);
    line = `${line}${part.text}`.split('\n').at(-1);
    if (!isInHeading || part.kind !== 'code') return part;
    return { kind: 'text', text: part.text.replaceAll('`', '') };
  });
}

/** Called by TypeDoc before it reads its options' values. */
export function load(app) {
  const names = importNames();
  const within = (path) => relative(root, path).split(sep).join('/');
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const path = within(page.project.files.getReflectionPath(page) ?? '');
    const known = PAGES.get(path);
    if (known === undefined) return;
    // The name becomes the address: two pages may not differ by upper case alone.
    page.name = path === 'bench/RESULTS.md' ? 'speed' : page.name.toLowerCase().replace(/^docs\//, '');
    page.frontmatter.title = known.title;
    page.frontmatter.group = known.group;
    page.content = withPlainHeadings(page.content);
  });
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    const file = reflection.project.files.getReflectionPath(reflection);
    const name = file === undefined ? undefined : names.get(within(file));
    if (name !== undefined && reflection.parent === context.project) reflection.name = name;
  });
  // Addresses are made of names, before this; from here on names are titles.
  app.renderer.on(RendererEvent.BEGIN, ({ project }) => {
    for (const page of project.documents ?? []) page.name = page.frontmatter.title ?? page.name;
  });
  // The README has a title of its own.
  app.renderer.on(PageEvent.END, (page) => {
    if (page.url === 'index.html')
      page.contents = page.contents?.replace(
        /<div class="tsd-page-title">\s*<h1[^>]*>[^<]*<\/h1>\s*<\/div>/,
        '',
      );
  });
}
