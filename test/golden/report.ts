/** Reports of golden checks as text: every quantity of every case, and the worst of each file and precision. */
import type { Check } from './compare.js';
import type { FileReport } from './formats.js';

/** All quantities of a file, case by case. */
export function fileText({ file, format, cases, ok }: FileReport): string {
  const lines = [`${file}  (${format})  ${ok ? 'ok' : 'FAIL'}`];
  for (const item of cases) {
    lines.push(`  ${item.name}`);
    const width = Math.max(...item.checks.map((check) => check.quantity.length));
    for (const check of item.checks) lines.push(`    ${line(check, width)}`);
    for (const note of item.notes ?? []) lines.push(`    ${note}`);
  }
  return lines.join('\n');
}

/** The worst deviation of each file, engine and official precision, and the verdict. */
export function summaryText(reports: readonly FileReport[]): string {
  const lines: string[] = [];
  let [total, failed] = [0, 0];
  for (const { file, cases } of reports) {
    const worst = new Map<string, Check>();
    for (const check of cases.flatMap((item) => item.checks)) {
      total++;
      if (!check.ok) failed++;
      // The worst is the one that uses most of its tolerance.
      const key = `${check.engine}, official ${check.official}`;
      const known = worst.get(key);
      if (!known || use(check) > use(known)) worst.set(key, check);
    }
    lines.push(file);
    for (const [key, check] of worst)
      lines.push(`  ${key.padEnd(31)}  worst: ${check.quantity}  ${numbers(check)}`);
  }
  lines.push(`${total} quantities, ${failed === 0 ? 'all within tolerance' : `${failed} FAIL`}`);
  return `${lines.join('\n')}\n`;
}

function use({ relative, tolerance }: Check): number {
  if (tolerance > 0) return relative / tolerance;
  return relative > 0 ? Infinity : 0;
}

function line(check: Check, width: number): string {
  return `${check.quantity.padEnd(width)}  ${check.engine.padEnd(13)}  ${numbers(check)}`;
}

function numbers({ absolute, relative, tolerance, ok, note }: Check): string {
  const verdict = `${ok ? 'ok' : 'FAIL'}${note ? `  (${note})` : ''}`;
  return `abs ${small(absolute)}  rel ${small(relative)}  tol ${small(tolerance)}  ${verdict}`;
}

function small(value: number): string {
  return (value === 0 ? '0' : value.toExponential(1)).padEnd(8);
}
