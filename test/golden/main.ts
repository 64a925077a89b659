/**
 * `npm run golden -- [--json] FILE…` recomputes golden files with this project's code and prints, for every
 * quantity, the worst deviation from the official values, the tolerance, and ok or FAIL. Without a file it takes
 * the project's fixtures. Formats are recognised by content. Exit code 0: all ok, 1: something deviates,
 * 2: usage (no such file, no JSON, unknown or incomplete format).
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GoldenError } from './fields.js';
import { checkFile, type FileReport } from './formats.js';
import { fileText, summaryText } from './report.js';

const FIXTURES = 'test/fixtures/golden';

/** The command's whole life, from arguments to exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = args.filter((argument) => argument.startsWith('-'));
  const given = args.filter((argument) => !argument.startsWith('-'));
  const unknown = options.find((option) => !['--json', '--help', '-h'].includes(option));
  if (unknown) {
    process.stderr.write(`unknown option ${unknown}\n${USAGE}`);
    return 2;
  }
  if (options.some((option) => option !== '--json')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const json = options.includes('--json');
  const reports: FileReport[] = [];
  const problems: string[] = [];
  for (const path of given.length > 0 ? given : fixtures()) {
    try {
      const report = await checkFile(path);
      reports.push(report);
      if (!json) process.stdout.write(`${fileText(report)}\n`);
    } catch (error) {
      if (!(error instanceof GoldenError)) throw error;
      problems.push(`${path}: ${error.message}`);
      process.stderr.write(`${path}: ${error.message}\n`);
    }
  }
  const ok = problems.length === 0 && reports.every((report) => report.ok);
  if (json) process.stdout.write(`${JSON.stringify({ ok, files: reports, problems }, finite, 2)}\n`);
  else if (reports.length > 0) process.stdout.write(summaryText(reports));
  if (problems.length > 0) return 2;
  return ok ? 0 : 1;
}

const USAGE = `usage: npm run golden -- [--json] [FILE…]
Recomputes golden files and prints the worst deviation of every quantity. Without FILE: ${FIXTURES}.
Exit code: 0 all within tolerance, 1 a deviation, 2 usage (no such file, unknown format).
`;

function fixtures(): string[] {
  return readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => join(FIXTURES, file));
}

/** JSON has no infinity: a deviation without bound is written as text. */
function finite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

process.exitCode = await main(process.argv.slice(2));
