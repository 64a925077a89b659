/** `hier doctor RUN|TABLE`: whether the files of a run or a table are what was written. It parses nothing, and prints. */
import { existsSync } from '../../../disk/index.js';
import { tableExists } from '../../../engines/open.js';
import { UsageError } from '../../../errors.js';
import { type FileFinding, isRunFolder, verifyRun } from '../../../runs/verify.js';
import { counted, padTo, shownLine, widthOf } from '../../../shown.js';
import { shownTable } from '../../../store/tableUri.js';
import { checkTable } from '../../../tables/check.js';
import { print, sentence } from '../../output.js';

/** A file of a run, or a part of a table, and how it is. */
interface Finding extends Omit<FileFinding, 'state'> {
  readonly state: FileFinding['state'] | 'absent' | 'note';
}

/** What was found in a run or a table. */
export interface FilesReport {
  /** False when something is damaged. */
  readonly ok: boolean;
  readonly kind: 'run' | 'table';
  /** The folder or table, as it is shown. */
  readonly of: string;
  readonly findings: readonly Finding[];
}

/** Looks at a run or a table. Throws UsageError where there is neither. */
export async function examineFiles(given: string): Promise<FilesReport> {
  const isRun = isRunFolder(given);
  if (!isRun && !(await tableExists(given)))
    throw new UsageError(
      `There is neither a run nor a table ${shownTable(given)}${existsSync(given) ? ', but something else of that name' : ''}. hier doctor looks at the folder of a run, at a table, or, without a name, at this machine.`,
    );
  const findings = isRun ? await verifyRun(given) : await lookAtTable(given);
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
  const width = Math.max(...findings.map(({ file }) => widthOf(shownLine(file))));
  const lines = findings.map(({ file, state, found, advice }) => {
    const text = `${state.padEnd(9)}  ${padTo(shownLine(file), width)}  ${sentence(found)}`;
    return advice ? `${text}\n           → ${advice}` : text;
  });
  const damaged = findings.filter(({ state }) => state === 'damaged').length;
  const verdict =
    damaged > 0
      ? `${counted(damaged, kind === 'run' ? 'file' : 'part')} of the ${kind} ${shownLine(of)} damaged.`
      : `Nothing of the ${kind} ${shownLine(of)} is damaged.`;
  return [...lines, verdict].join('\n');
}

/** The parts of a table as the files of a run are told. */
async function lookAtTable(name: string): Promise<Finding[]> {
  const findings = await checkTable(name);
  return findings.map(({ what, state, text }) => ({
    file: what,
    state: state === 'sound' ? 'ok' : state,
    found: text,
  }));
}
