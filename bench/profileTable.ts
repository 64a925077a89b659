/**
 * What the engine's records of a session say, as a table: what each kind of operator took, its arithmetic and its walks through
 * memory. Records are read here, not made.
 */

/** One of the engine's records: of a node, when it has a category of that name. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur?: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly TypedShape[];
    readonly output_type_shape?: readonly TypedShape[];
  };
}

/** A shape under the name of its element type. */
type TypedShape = Readonly<Record<string, readonly number[]>>;

/** What all nodes of a kind take in a step. */
export interface OperatorCost {
  readonly operator: string;
  readonly nodes: number;
  readonly seconds: number;
  /** Arithmetic of products, two for a multiplication and its addition; 0 for everything else. */
  readonly flop: number;
  /** Read and written. */
  readonly bytes: number;
}

const SIZES: Readonly<Record<string, number>> = { double: 8, int64: 8, bool: 1, uint8: 1 };

const count = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** Bytes of tensors. Types that are not named here have four bytes. */
function bytesOf(tensors: readonly TypedShape[]): number {
  let bytes = 0;
  for (const tensor of tensors)
    for (const [type, shape] of Object.entries(tensor)) bytes += count(shape) * (SIZES[type] ?? 4);
  return bytes;
}

/**
 * Floating-point operations of one node: of convolutions and matrix products with all their fused forms; 0 of everything else.
 * A bias and what follows a product are not counted.
 */
export function flopOf(
  operator: string,
  inputs: readonly (readonly number[])[],
  outputs: readonly (readonly number[])[],
): number {
  const [a, b] = inputs;
  const [y] = outputs;
  // Of a kernel [O, C / groups, …] each output channel's part; of a transposed one [C, O / groups, …] each input channel's.
  if (/^(Fused)?Conv$/.test(operator)) return 2 * count(y) * count(b.slice(1));
  if (operator === 'ConvTranspose') return 2 * count(a) * count(b.slice(1));
  // Either operand may be read transposed, which records do not tell: of a matrix the rows are those of the result.
  if (/^(Fused)?(Gemm|MatMul)$/.test(operator) && a.length >= 2 && y.length >= 2) {
    const inner = count(a.slice(-2)) / y[y.length - 2];
    return 2 * count(y) * inner;
  }
  return 0;
}

/**
 * Costs of a session by kind of operator, the dearest first. A node counts with the fastest of its runs, which other work on the
 * machine disturbs least, as often as it runs in a step.
 *
 * @param steps how many steps the records are of
 */
export function operatorCosts(events: readonly ProfileEvent[], steps: number): OperatorCost[] {
  const nodes = new Map<string, { event: ProfileEvent; fastest: number; runs: number }>();
  for (const event of events) {
    if (event.cat !== 'Node' || !event.name.endsWith('_kernel_time') || event.dur === undefined) continue;
    const known = nodes.get(event.name);
    if (known) {
      known.fastest = Math.min(known.fastest, event.dur);
      known.runs++;
    } else nodes.set(event.name, { event, fastest: event.dur, runs: 1 });
  }
  const costs = new Map<string, OperatorCost>();
  for (const { event, fastest, runs } of nodes.values()) {
    const {
      op_name: operator = '?',
      input_type_shape: inputs = [],
      output_type_shape: outputs = [],
    } = event.args ?? {};
    const shapes = (tensors: readonly TypedShape[]) => tensors.map((tensor) => Object.values(tensor)[0]);
    const often = runs / steps;
    const sum = costs.get(operator) ?? { operator, nodes: 0, seconds: 0, flop: 0, bytes: 0 };
    costs.set(operator, {
      operator,
      nodes: sum.nodes + 1,
      seconds: sum.seconds + (often * fastest) / 1e6,
      flop: sum.flop + often * flopOf(operator, shapes(inputs), shapes(outputs)),
      bytes: sum.bytes + often * (bytesOf(inputs) + bytesOf(outputs)),
    });
  }
  return [...costs.values()].sort((a, b) => b.seconds - a.seconds);
}

/** Costs of several sessions of one kind as those of one of them, on average. */
export function averageCosts(all: readonly (readonly OperatorCost[])[]): OperatorCost[] {
  const sums = new Map<string, OperatorCost>();
  for (const cost of all.flat()) {
    const sum = sums.get(cost.operator) ?? { ...cost, nodes: 0, seconds: 0, flop: 0, bytes: 0 };
    sums.set(cost.operator, {
      operator: cost.operator,
      nodes: sum.nodes + cost.nodes / all.length,
      seconds: sum.seconds + cost.seconds / all.length,
      flop: sum.flop + cost.flop / all.length,
      bytes: sum.bytes + cost.bytes / all.length,
    });
  }
  return [...sums.values()].sort((a, b) => b.seconds - a.seconds);
}

/** Those that are products, or those that are not, as one. */
export function together(costs: readonly OperatorCost[], operator: string, isProduct: boolean): OperatorCost {
  const some = costs.filter(({ flop }) => flop > 0 === isProduct);
  const total = (key: 'nodes' | 'seconds' | 'flop' | 'bytes') =>
    some.reduce((sum, cost) => sum + cost[key], 0);
  return {
    operator,
    nodes: total('nodes'),
    seconds: total('seconds'),
    flop: total('flop'),
    bytes: total('bytes'),
  };
}

/** Lines of a table; operators below `least` of the whole are put together in the last one. */
export function costLines(costs: readonly OperatorCost[], { least = 0.01 } = {}): string[] {
  const whole = costs.reduce((sum, { seconds }) => sum + seconds, 0);
  const small = costs.filter(({ seconds }) => seconds < least * whole);
  const lines = costs.filter((cost) => !small.includes(cost)).map((cost) => lineOf(cost, whole));
  const rest = small.reduce((sum, { seconds }) => sum + seconds, 0);
  const others = `${small.length} others`;
  if (small.length > 0) lines.push(`${others.padEnd(24)}${inMs(rest)}${share(rest, whole)}`);
  return lines;
}

/** One line: nodes, milliseconds, share, and GFLOP with GFLOP/s or MB with GB/s. */
export function lineOf({ operator, nodes, seconds, flop, bytes }: OperatorCost, whole: number): string {
  const work =
    flop > 0
      ? `${(flop / 1e9).toFixed(2).padStart(9)} GFLOP${(flop / 1e9 / seconds).toFixed(1).padStart(8)} GFLOP/s`
      : `${(bytes / 1e6).toFixed(0).padStart(9)} MB   ${(bytes / 1e9 / seconds).toFixed(1).padStart(8)} GB/s`;
  const name = `${operator} × ${Math.round(nodes)}`;
  return `${name.padEnd(24)}${inMs(seconds)}${share(seconds, whole)}${work}`;
}

const inMs = (seconds: number) => `${(seconds * 1000).toFixed(1).padStart(9)} ms`;
const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1).padStart(7)} %`;
