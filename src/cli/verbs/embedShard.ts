/** `hier embed --shard`: one part of the images into one fragment. */
import { join } from 'node:path';
import type { ShardResult } from '../../fleet/embedShard.js';
import { badListPath } from '../../fleet/fragment.js';
import { parseShard, shardText } from '../../fleet/shard.js';
import { requireWritable } from '../../io/atomic.js';
import { openShardWork } from '../../runs/shards.js';
import { counted } from '../../shown.js';
import { noteLine, print, progress, say } from '../output.js';
import { reportRate } from '../rate.js';
import { whole } from '../text/columns.js';

/** Embeds a shard and tells what was done. */
export async function embedOneShard(
  run: string,
  sources: readonly string[],
  {
    shard: text,
    out,
    maxBad,
    json,
    modelOutput: output,
  }: { shard: string; out: string; maxBad?: string; json?: boolean; modelOutput?: string },
): Promise<void> {
  const started = performance.now();
  const shard = parseShard(text);
  requireWritable(join(out, 'fragment'));
  const work = await openShardWork(run, sources, progress, {
    output,
    onNote: (note) => say(noteLine(note)),
  });
  try {
    const result = await work.embed(shard, {
      out,
      batch: 256,
      onProgress: reportRate(`shard ${shardText(shard)}`),
      ...(maxBad === undefined ? {} : { maxBad }),
    });
    for (const { reason } of result.bad) say(`unreadable: ${reason}`);
    const { path, kept, replaced, items, embedded, reused, bad } = result;
    const { embeddingSize: dim, curvature } = work.info;
    print(
      json,
      {
        run,
        shard: shardText(shard),
        fragment: path,
        kept,
        replaced,
        images: items,
        embedded,
        reused,
        dim,
        curvature,
        bad: bad.map(({ id, path, reason }) => ({ id, path, reason })),
        ...costs(started),
      },
      shardSummary(result, out),
    );
  } finally {
    await work.close();
  }
}

/** What the command has cost so far: what a fleet is planned by. */
function costs(started: number): { seconds: number; cpuSeconds: number; peakMemoryMb: number } {
  const { user, system } = process.cpuUsage();
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** What became of a shard, in one line. */
export function shardSummary(result: ShardResult, out: string): string {
  const { shard, path, kept, replaced, items, embedded, reused, bad } = result;
  const lacking = bad.length > 0 ? `, ${whole(bad.length)} unreadable (${badListPath(out, shard)})` : '';
  const name = `shard ${shardText(shard)}`;
  if (kept) return `${name}: nothing to do, ${path} holds its ${counted(items, 'image')}${lacking}`;
  const parts = reused > 0 ? ` (${whole(embedded)} embedded, ${whole(reused)} taken over)` : '';
  const why = replaced === null ? '' : `\n  replaced: ${replaced}`;
  return `${name}: ${counted(items, 'image')}${parts}${lacking}: ${path}${why}`;
}
