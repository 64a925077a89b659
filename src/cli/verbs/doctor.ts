/** `hier doctor`: whether this machine can do the work, and whether a run or a table is whole. */
import { type Command, Option } from 'commander';
import { HierError } from '../../errors.js';
import { DEVICES, type Device } from '../../graph/index.js';
import { examples, jsonOption } from '../options.js';
import { print } from '../output.js';
import { allChecks, essentialChecks, examine, type Finding } from './doctorChecks.js';
import { examineDevice } from './doctorDevice.js';
import { examineFiles, printReport } from './doctorFiles.js';

/** Adds the command. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('check this machine, a run or a table')
    .description(
      'Checks what hier needs: engine, image decoding, folders, memory, speed. Exit code 1 when a check fails. With a run ' +
        'or a table it reads all its files in place of that, and holds them against their checksums; exit code 3 when one ' +
        'is damaged. With --device it compares the operators of that device with the processor.',
    )
    .argument('[RUN|TABLE]', 'a run folder, an export, or a table made by hier index')
    .addOption(
      new Option(
        '--device <DEVICE>',
        'whether this device computes rightly: of a run what its network and losses need, else what hier has of its own',
      ).choices(DEVICES.filter((device) => device !== 'cpu')),
    );
  examples(jsonOption(command), [
    ['hier doctor', 'one line a check, with what to do'],
    ['hier doctor --json', 'for a bug report'],
    ['hier doctor runs/demo', 'what of a run is damaged, and how to get out'],
    ['hier doctor --device webgpu', 'whether a graphics card computes what the processor does'],
  ]).action(async (given: string | undefined, { json, device }: { json?: boolean; device?: Device }) => {
    if (device !== undefined) return examineDevice(device, given, json);
    if (given !== undefined) return printReport(await examineFiles(given), json);
    const findings: Finding[] = [];
    for (const check of allChecks) {
      const finding = await examine(check);
      findings.push(finding);
      if (!json) print(false, null, line(finding));
    }
    const failed = findings.some(({ state }) => state === 'fail');
    if (json) print(true, { ok: !failed, findings }, '');
    if (failed) process.exitCode = 1;
  });
}

/** Throws HierError with what to do when something essential is missing. */
export async function requireEssentials(): Promise<void> {
  for (const check of essentialChecks) {
    const finding = await examine(check);
    if (finding.state === 'fail')
      throw new HierError(`${finding.check}: ${finding.found}. ${finding.advice} More: npx hier doctor`);
  }
}

function line({ check, state, found, advice }: Finding): string {
  const text = `${state.padEnd(4)}  ${check.padEnd(15)}  ${found}`;
  return advice ? `${text}\n      → ${advice}` : text;
}
