/**
 * Every guide is run: its commands and its TypeScript, in order, in a folder with small files under the names that it speaks of,
 * and what it says is printed is printed. What cannot be run here says why, and there may not be more of it.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { temporaryFolder } from '../../images/support.js';
import { blocksOf, GUIDES } from './blocks.js';
import { sectionsOf, writtenFields } from './formats.js';
import { runBlock } from './run.js';
import type { Session } from './shell.js';
import { copyWorld, makeWorld } from './world.js';

/** Blocks that no test runs. Lower it when one more is run. */
const NOT_RUN = 28;

describe('guides', () => {
  const root = temporaryFolder();
  const world = join(root, 'world');
  const earlier = process.env.HIER_CACHE;
  before(async () => {
    process.env.HIER_CACHE = join(root, 'cache');
    mkdirSync(world);
    await makeWorld(world);
  });
  after(() => {
    if (earlier === undefined) delete process.env.HIER_CACHE;
    else process.env.HIER_CACHE = earlier;
    rmSync(root, { recursive: true });
  });

  for (const guide of GUIDES) {
    const blocks = blocksOf(guide).filter(({ notRun }) => notRun === undefined);
    if (blocks.length === 0) continue;
    it(`${guide} does what it says`, async () => {
      const cwd = join(root, guide.replace(/\W/g, '-'));
      copyWorld(world, cwd);
      const session: Session = { cwd };
      try {
        for (const block of blocks) await runBlock(block, session);
      } finally {
        await session.service?.close();
        rmSync(cwd, { recursive: true });
      }
    });
  }

  it('docs/formats.md names every field that is written', async () => {
    const cwd = join(root, 'formats');
    copyWorld(world, cwd);
    const sections = sectionsOf('docs/formats.md');
    const missing = Object.entries(await writtenFields(cwd)).flatMap(([heading, names]) => {
      const text = sections[heading] ?? assert.fail(`docs/formats.md has no section "${heading}"`);
      const isNamed = (name: string) =>
        [`\`${name}\``, `\`${name}/`, `\`${name.split('.')[0]}.*\``].some((one) => text.includes(one));
      return [...new Set(names)].filter((name) => !isNamed(name)).map((name) => `${heading}: ${name}`);
    });
    assert.deepEqual(missing, []);
  });

  it('are run but for a few blocks, which say why not', () => {
    const left = GUIDES.flatMap(blocksOf).filter(({ notRun }) => notRun !== undefined);
    for (const { origin, notRun = '' } of left) assert.match(notRun, /^\w.{8,}/, origin);
    const told = left.map(({ origin, notRun }) => `${origin}: ${notRun}`).join('\n');
    assert.ok(left.length <= NOT_RUN, `${left.length} blocks are not run, ${NOT_RUN} may be:\n${told}`);
  });
});
