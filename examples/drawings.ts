/** A small data set for the examples: 16 classes of coloured rings, 8 drawings of each, as a folder of class folders. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** Draws the data set into `folder`, and gives what examples lay over the recipe `smoke` to train two epochs on it. */
export async function drawings(folder: string): Promise<string[]> {
  const jobs: Promise<unknown>[] = [];
  for (let kind = 0; kind < 16; kind++) {
    const place = join(folder, `ring-${kind}`);
    mkdirSync(place, { recursive: true });
    for (let i = 0; i < 8; i++) {
      const ring = `<circle cx="${18 + i}" cy="${26 - i}" r="${8 + 2 * (kind % 4)}" stroke-width="${2 + (i % 3)}"/>`;
      const colour = ['#d64550', '#2f9e5f', '#2f6fd6', '#e0a030'][Math.floor(kind / 4)];
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><rect width="48" height="48" fill="#fff"/><g fill="none" stroke="${colour}">${ring}</g></svg>`;
      jobs.push(
        sharp(Buffer.from(svg))
          .png()
          .toFile(join(place, `${i}.png`)),
      );
    }
  }
  await Promise.all(jobs);
  return [
    `data={ source: ${JSON.stringify(folder)}, validation: 0.25 }`,
    'schedule={ epochs: 2, rampEpochs: 0 }',
    'batch.size=24',
    'head.embeddingSize=16',
    'losses.hier={ proxies: 24, neighbours: 8 }',
    'snapshots.epochs=[]',
  ];
}
