/** The page's entry: chooses the source of its data and starts the explorer, or says why it cannot. */
import type { Source } from './data/collection.js';
import { exportedCollection, exportSource } from './data/exportSource.js';
import { sampleSource } from './data/sampleSource.js';
import { serverSource } from './data/serverSource.js';
import { startExplorer } from './page/explorer.js';
import { say, the } from './parts/dom.js';

/** Most items of `?sample=N`. */
const MAX_SAMPLE = 1_000_000;

/** An export brings its collection; `?sample=N` shows made-up items; else the page's server is asked. */
function chooseSource(): Source {
  const exported = exportedCollection();
  if (exported) return exportSource(exported);
  const sample = Number(new URLSearchParams(location.search).get('sample'));
  return sample > 0 ? sampleSource(Math.min(sample, MAX_SAMPLE)) : serverSource();
}

const source = chooseSource();
source
  .open()
  .then(async (collection) => {
    const other = collection.about.hasBeside ? serverSource('beside/') : null;
    const second = other && { source: other, collection: await other.open() };
    document.body.classList.remove('loading');
    startExplorer({ source, collection }, second);
    requestAnimationFrame(() => performance.mark('first view'));
  })
  .catch((error: Error) => {
    document.body.classList.remove('loading');
    say(error.message);
    the('item').replaceChildren(error.message);
    console.error(error);
  });
