/**
 * The names of all options over all verbs: one name for one thing, with one kind of value. A verb that brings a name which is
 * not in the table fails here: look in it for the name that the same thing has in other verbs, and add a name only for what
 * none has.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.js';

/** Every option with what stands for its value; several where the same thing is a file for one verb and a folder for another. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  // What every verb has.
  '--json': [''],
  '--verbose': [''],
  '--version': [''],
  // What is worked with, and where results go.
  '--data': ['<SOURCE>'],
  '--model': ['<FILE|hub:…|RUN>', '<FILE|hub:…>'],
  '--model-output': ['<NAME>'],
  '--device': ['<DEVICE>'],
  '--table': ['<TABLE>'],
  '--items': ['<FILE>'],
  '--split': ['<NAME>'],
  '--against': ['<RUN2>'],
  '--vectors': ['<FILE>'],
  '--features': ['<NAME>'],
  '--labels': ['<FILE>', '<FILE|NAME>'],
  '--metric': ['<NAME>'],
  '--out': ['<DIR>', '<FILE>', '<PATH>', '<TABLE>', '<FILE.html>', '<FILE|DIR>'],
  '--sheet': ['<FILE.png>'],
  '--failures': ['<FILE.csv>'],
  '--export': ['<FORMAT>'],
  '--overwrite': [''],
  // How much, and how.
  '--top': ['<N>'],
  '--seed': ['<N>'],
  '--seeds': ['<LIST>'],
  '--quiet': [''],
  '--dry-run': [''],
  '--force': [''],
  '--while-working': [''],
  '--partial': [''],
  '--memory': ['<GB>'],
  '--save-every': ['<MIN>'],
  '--from': ['<URL|FILE>', '<URL|FILE|DIR>'],
  '--name': ['<NAME>'],
  '--title': ['<TEXT>'],
  '--port': ['<N>'],
  '--host': ['<ADDRESS>'],
  // Of one verb, or of a few.
  '--smoke': [''],
  '--resume': ['<DIR>'],
  '--fields': [''],
  '--losses': ['<LIST>'],
  '--recipe': ['<NAME>'],
  '--trees': [''],
  '--runs': ['<DIR>'],
  '--list': [''],
  '--weights': ['<NAME|FILE>'],
  '--test-curve': [''],
  '--into': ['<FILE>'],
  '--images': ['<N>'],
  '--tolerance': ['<X>'],
  '--no-metrics': [''],
  '--licence': ['<TEXT>'],
  '--columns': ['<ROLE=COLUMN>'],
  '--encoding': ['<NAME>'],
  '--curvature': ['<C>'],
  '--tree': ['<FILE.json>'],
  '--no-tree': [''],
  '--nodes': ['<FILE>'],
  '--thumbnail': ['<PX>'],
  '--fetch-at-once': ['<N>'],
  '--fetch-seconds': ['<S>'],
  '--fetch-megabytes': ['<MB>'],
  '--fetch-again': [''],
  '--allow-private': [''],
  '--delete': ['<ID>'],
  '--prune': [''],
  '--map': [''],
  '--no-map': [''],
  '--hnsw': [''],
  '--no-hnsw': [''],
  '--verify': [''],
  '--text': ['<WORDS>'],
  '--beside': ['<TABLE>'],
  '--large-pictures': ['<PX>'],
  '--most-mb': ['<N>'],
  '--label': ['<NAME>'],
  '--where': ['<CONDITION>'],
  '--within': ['<NODE>'],
  '--group': [''],
  '--cutoff': ['[SIMILARITY]'],
  '--exact': [''],
  '--path': ['<PATH>'],
  '--running': ['<N>'],
  '--waiting': ['<N>'],
  '--keys': ['<FILE>'],
  '--allow-origin': ['<ORIGIN>'],
  '--rate-limit': ['<N>'],
  '--trust-proxy': ['<N>'],
  '--pictures': ['<FOLDER>'],
  '--no-pictures': [''],
  '--picture-host': ['<HOST>'],
  '--no-open': [''],
  '--similarity': ['<S>'],
  '--pairs': ['<FILE>'],
  '--leaves': ['<KIND>'],
  '--by': ['<NAME>'],
  '--levels': ['<N>'],
  '--lines': ['<N>'],
  '--score': ['[TAXONOMY]'],
  '--draws': ['<N>'],
  '--resamples': ['<N>'],
  '--only': ['<NAME...>'],
  '--also': ['<RUN,RUN2...>'],
  '--epochs': ['<LIST>'],
  '--count-from': ['<0|1>'],
  '--neighbours': ['<N>'],
  '--on-bad': ['<WHAT>'],
  '--shard': ['<i/N>', '<I>'],
  '--shards': ['<N>'],
  '--max-bad': ['<LIMIT>'],
  '--merge': ['<DIR>'],
  '--attempts': ['<N>'],
  '--backoff': ['<S>'],
  '--redis': ['<URL>'],
  '--lock': ['<S>'],
  '--workers': ['<URL>'],
  '--threads': ['<N>'],
  '--wait': ['<S>'],
  '--as': ['<KIND>'],
  '--quick': [''],
  '--classes': ['<N>'],
  '--layout': ['<LAYOUT>'],
  '--archive': [''],
  '--dir': ['<DIR>'],
  '--sha256': ['<HEX>'],
};

/** A command and all below it, with how it is called. */
function verbsOf(
  command: Command,
  path: readonly string[] = [],
): { path: readonly string[]; command: Command }[] {
  const below = command.commands.flatMap((one) => verbsOf(one, [...path, one.name()]));
  return [{ path, command }, ...below];
}

describe('the options of all verbs', async () => {
  const verbs = verbsOf(await createProgram([]));

  it('have names of the table, with its values', () => {
    const seen = new Set<string>();
    for (const { path, command } of verbs)
      for (const { long, flags, hidden } of command.options) {
        if (hidden) continue;
        const value = flags.replace(/^(-\w, )?--[\w-]+ ?/, '');
        const where = `${long} ${value} of hier ${path.join(' ')}`;
        assert.ok(NAMES[long!]?.includes(value), `${where} is not in the table of names`);
        seen.add(long!);
      }
    assert.deepEqual([...seen].sort(), Object.keys(NAMES).sort());
  });

  it('has --verbose in every verb, and earlier names where there are any that lead to one of now', () => {
    for (const { path, command } of verbs) {
      assert.ok(
        command.options.some(({ long }) => long === '--verbose'),
        path.join(' '),
      );
      for (const option of command.options.filter(({ hidden, long }) => hidden && long !== '--token')) {
        const now = command.options.find(
          (one) => one !== option && one.attributeName() === option.attributeName(),
        );
        assert.ok(now && !now.hidden, `${option.long} of hier ${path.join(' ')}`);
      }
    }
  });
});
