/** What somebody does who has installed the package: trains, evaluates, searches, indexes, serves and asks. */
import { writeFileSync } from 'node:fs';
import {
  evaluateRun,
  indexTable,
  loadRecipe,
  openModel,
  openRun,
  searchRun,
  searchTable,
  startServer,
  train,
} from '@hier-ml/hier';

const overrides = [
  ...['images.size=16', 'images.store=16', 'head.embeddingSize=8', 'batch.size=8', 'schedule.epochs=2'],
  ...['backbone.stem=4', 'backbone.widths=[8]', 'backbone.blocks=[1]', 'backbone.bottleneck=[4]'],
  ...[
    'losses.hier.proxies=8',
    'losses.hier.neighbours=3',
    'losses.hier.triplets=2',
    'losses.hier.poolRows=64',
  ],
];
const recipe = loadRecipe('smoke', [...overrides, 'data.source=pictures']);
const trained = await train({ recipe, folder: 'run', quiet: true });
const run = openRun('run');
const evaluated = await evaluateRun(run);
const found = await searchRun(run, { queries: ['query.png'], source: 'pictures', split: 'all', top: 3 });
await run.close();
const indexed = await indexTable({ source: 'run', images: 'pictures', split: 'all', out: 'table' });
const asked = await searchTable({ table: 'table', queries: ['query.png'], k: 3 });

const server = await startServer({ table: 'table', port: 0 });
const id = asked.answers[0].results[0].id;
const reply = await fetch(`${server.url}/api/search`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ id, k: 3 }),
});
const served = (await reply.json()) as { results: readonly { id: string }[] };
await server.close();

const model = await openModel('run');
const { embeddings } = await model.embed(['query.png']);
await model.close();
writeFileSync(
  'outcome.json',
  JSON.stringify({
    epochs: trained.epochs,
    rows: evaluated.rows.map(({ name }) => name),
    found: found.answers[0].results.length,
    indexed: indexed.rows,
    asked: asked.answers[0].results.length,
    served: served.results.length,
    embedding: [...embeddings],
  }),
);
