/** A process that writes to a table and kills itself at a call of the file system: `node killedWriter.js TABLE CALL`. Not a test. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { openTable } from '../../../src/engines/open.js';
import { item } from '../../store/support.js';

const [, , table, call] = process.argv;
const store = await openTable(table);
const [kept] = await store.get(['i1']);
let left = Number(call);
const CALLS = [
  ...['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync'],
  ...['linkSync', 'writeFileSync', 'rmSync'],
] as const;
for (const name of CALLS) {
  const real = fs[name] as (...words: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...words: unknown[]) => {
      if (--left === 0) process.kill(process.pid, 'SIGKILL');
      return real(...words);
    },
  });
}
syncBuiltinESMExports();
await store.write(['i0', 'added'].map((id) => item(id, kept.vector, { label: 'killed' })));
