/** The page's entry: chooses the source of its data and starts the explorer, or says why it cannot. */
import { startExplorer } from './app.js';
import { say, the } from './dom.js';
import { type Exported, exportSource } from './exportSource.js';
import { sampleSource } from './sampleSource.js';
import { serverSource } from './serverSource.js';
import type { Source } from './source.js';

/** An export says what it holds; `?sample=N` shows made-up items; else the page's server is asked. */
function chooseSource(): Source {
  const exported = (globalThis as { hierExport?: Exported }).hierExport;
  if (exported) return exportSource(exported);
  const sample = Number(new URLSearchParams(location.search).get('sample'));
  return sample > 0 ? sampleSource(Math.min(sample, 1_000_000)) : serverSource();
}

const source = chooseSource();
source
  .open()
  .then((collection) => {
    document.body.classList.remove('loading');
    startExplorer(source, collection);
    requestAnimationFrame(() => performance.mark('first view'));
  })
  .catch((error: Error) => {
    document.body.classList.remove('loading');
    say(error.message);
    the('item').replaceChildren(error.message);
    console.error(error);
  });
