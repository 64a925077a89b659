/** `hier doctor RUN|TABLE`: whether the files of a run or a table are what was written. It parses nothing, and prints. */
import { openTable } from '../../engines/open.js';
import { HierError, UsageError } from '../../errors.js';
import { type FileFinding, isRunFolder, verifyRun } from '../../runs/verify.js';
import { counted, shownLine } from '../../shown.js';
import { mapOf } from '../../store/map.js';
import type { Store } from '../../store/store.js';
import { shownTable } from '../../store/tableUri.js';
import { readText } from '../../store/textFiles.js';
import { parseTree, TREE_FILE } from '../../store/tree.js';
import { openTableModel } from '../../tables/model.js';
import { print, sentence } from '../output.js';

/** What was found in a run or a table. */
export interface FilesReport {
  /** False when something is damaged. */
  readonly ok: boolean;
  readonly kind: 'run' | 'table';
  /** The folder or table, as it is shown. */
  readonly of: string;
  readonly findings: readonly FileFinding[];
}

/** Looks at a run or a table. Throws UsageError where there is neither. */
export async function examineFiles(given: string): Promise<FilesReport> {
  const isRun = isRunFolder(given);
  const findings = isRun ? await verifyRun(given) : await verifyTable(given);
  return {
    ok: findings.every(({ state }) => state !== 'damaged'),
    kind: isRun ? 'run' : 'table',
    of: isRun ? given : shownTable(given),
    findings,
  };
}

/** Prints a report; sets exit code 3 when something is damaged. */
export function printReport(report: FilesReport, json: boolean | undefined): void {
  print(json, report, reportText(report));
  if (!report.ok) process.exitCode = 3;
}

function reportText({ kind, of, findings }: FilesReport): string {
  const width = Math.max(...findings.map(({ file }) => file.length));
  const lines = findings.map(({ file, state, found, advice }) => {
    const text = `${state.padEnd(9)}  ${shownLine(file).padEnd(width)}  ${sentence(found)}`;
    return advice ? `${text}\n           → ${advice}` : text;
  });
  const damaged = findings.filter(({ state }) => state === 'damaged').length;
  const verdict =
    damaged > 0
      ? `${counted(damaged, 'file')} of the ${kind} ${shownLine(of)} damaged.`
      : `Nothing of the ${kind} ${shownLine(of)} is damaged.`;
  return [...lines, verdict].join('\n');
}

async function verifyTable(name: string): Promise<FileFinding[]> {
  let store: Store;
  try {
    store = await openTable(name);
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof HierError)) throw error;
    return [{ file: shownTable(name), state: 'damaged', found: error.message }];
  }
  const findings: FileFinding[] = [];
  const look = async (file: string, advice: string, check: () => Promise<string | null>) => {
    try {
      const found = await check();
      if (found !== null) findings.push({ file, state: 'ok', found });
    } catch (error) {
      if (!(error instanceof HierError)) throw error;
      findings.push({ file, state: 'damaged', found: error.message, advice });
    }
  };
  const again = 'Make the table again with hier index, from its source.';
  try {
    await look('rows', again, async () => counted(await store.count(), 'row'));
    await look(TREE_FILE, again, async () => {
      const text = await readText(store, TREE_FILE);
      return text === null ? null : counted(parseTree(text).size, 'node');
    });
    await look('map', `Make it again: npx hier index --out ${shownTable(name)} --map`, async () => {
      const map = await mapOf(store);
      return map && counted(map.ids.length, 'place');
    });
    await look('model.onnx', 'Name the run where the network is asked for: --run RUN', async () => {
      const model = store.manifest.model ? await openTableModel(name, store) : null;
      await model?.close();
      return model && 'checksum right';
    });
  } finally {
    await store.close();
  }
  return findings;
}
