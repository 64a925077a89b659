// Writes docs/operators.md from the table of operators in src/graph/operators.ts. Run it by hand after
// `npm run build` when the table has changed: node scripts/operators-doc.mjs. A test says when it is due.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WEBGPU = { measured: 'yes', listed: 'expected', unknown: 'not tried' };

/** The page as Markdown. */
export function operatorsPage(operators) {
  const rows = Object.entries(operators).map(([name, { gradient, float64, webgpu, note }]) => {
    const cells = [name, gradient, float64 ? 'float32, float64' : 'float32', WEBGPU[webgpu], note ?? ''];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replace('|  |', '| |');
  });
  return `# Operators

<!-- Written by scripts/operators-doc.mjs from src/graph/operators.ts. Do not edit. -->

These are all the ONNX operators (operator set 18) that a graph built by hier may hold, forward and backward:
${rows.length}, all standard. Building a model with any other is an error. Each is tested with its gradient on
random inputs against a plain oracle, natively and in WebAssembly.

- **CPU** is ONNX Runtime's engine on the processor, native in Node and WebAssembly in Node and browsers. Float64
  serves checks; training is in float32.
- **WebGPU** is ONNX Runtime Web 1.30, its native WebGPU engine on a software adapter: *yes* where the operator
  alone gave the CPU's values, *expected* where the engine's list names it and it ran at most inside a whole
  graph, *not tried* otherwise.

| operator | gradient | CPU | WebGPU | note |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? 'dist';
  const table = new URL(`../${folder}/src/graph/operators.js`, import.meta.url);
  const { OPERATORS } = await import(table.href);
  const page = join(fileURLToPath(new URL('..', import.meta.url)), 'docs', 'operators.md');
  writeFileSync(page, operatorsPage(OPERATORS));
}
