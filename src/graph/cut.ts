/**
 * Where a graph is cut in two when one part of it never changes: the tensors, as few bytes of them as there are, from
 * which everything that depends on trained parameters can be computed. A minimum cut of vertices (Ford & Fulkerson
 * 1956), in which only what is cheap may be computed again behind the cut. Nothing is built or changed.
 */
import { type Node, sizeOf, type Tensor } from './tensor.js';
import { topologicalOrder } from './walk.js';

/** Operators whose work is worth keeping: their results, or what comes after them, are kept, never what is before. */
const DEAR = new Set(['Conv', 'ConvTranspose', 'Einsum', 'Gemm', 'MatMul', 'Resize']);

/** Options of {@link smallestCut}. */
export interface CutOptions {
  /** The input whose influence is followed. */
  readonly from: Tensor;
  /** What changes: what depends on one of these is behind the cut. */
  readonly trained: ReadonlySet<Tensor>;
  /** Whether a tensor can be kept; all can by default. */
  isAllowed?(tensor: Tensor): boolean;
}

/**
 * The smallest set of tensors that depend on `from` and on none of `trained`, and from which `output` can be computed
 * without `from`; of equally small ones the nearest to the output. `[output]` when that depends on nothing trained.
 */
export function smallestCut(output: Tensor, { from, trained, isAllowed = () => true }: CutOptions): Tensor[] {
  const nodes = topologicalOrder([output], { computedOnly: true });
  const moving = reachedFrom(nodes, new Set([from]));
  const behind = reachedFrom(nodes, trained);
  if (!behind.has(output)) return moving.has(output) ? [output] : [];
  const wanted = new Set<Tensor>();
  for (const node of nodes)
    if (node.outputs.some((tensor) => behind.has(tensor)))
      for (const tensor of node.inputs.slice(0, node.computes))
        if (moving.has(tensor) && !behind.has(tensor)) wanted.add(tensor);
  const bytes = (tensor: Tensor) => (isAllowed(tensor) ? sizeOf(tensor.shape) : Number.POSITIVE_INFINITY);
  const before = (tensor: Tensor, dear: ReadonlySet<string>) => {
    const { op, inputs, computes } = tensor.node;
    return tensor === from || dear.has(op) ? [] : inputs.slice(0, computes).filter((one) => moving.has(one));
  };
  const cheap = minimumCut(wanted, (tensor) => before(tensor, DEAR), bytes);
  return cheap ?? minimumCut(wanted, (tensor) => before(tensor, new Set()), bytes) ?? [from];
}

/** Tensors that depend on one of `sources`, which belong to them; `nodes` are in order. */
function reachedFrom(nodes: readonly Node[], sources: ReadonlySet<Tensor>): Set<Tensor> {
  const reached = new Set(sources);
  for (const { inputs, computes, outputs } of nodes)
    if (inputs.slice(0, computes).some((tensor) => reached.has(tensor)))
      for (const tensor of outputs) reached.add(tensor);
  return reached;
}

/**
 * The lightest tensors that separate `wanted` from where the walk along `before` ends, nearest to `wanted`; null when
 * none of finite weight do. Each tensor is an edge from its entry to its exit that carries as much as it weighs.
 */
function minimumCut(
  wanted: ReadonlySet<Tensor>,
  before: (tensor: Tensor) => readonly Tensor[],
  weight: (tensor: Tensor) => number,
): Tensor[] | null {
  const places = new Map<Tensor, number>();
  const stack = [...wanted];
  for (let tensor = stack.pop(); tensor; tensor = stack.pop()) {
    if (places.has(tensor)) continue;
    places.set(tensor, places.size);
    stack.push(...before(tensor));
  }
  const [start, end] = [2 * places.size, 2 * places.size + 1];
  const flow = flowNetwork(2 * places.size + 2);
  for (const [tensor, i] of places) {
    flow.connect(2 * i, 2 * i + 1, weight(tensor));
    const inputs = before(tensor);
    for (const one of inputs) flow.connect(2 * places.get(one)! + 1, 2 * i, Number.POSITIVE_INFINITY);
    if (inputs.length === 0) flow.connect(start, 2 * i, Number.POSITIVE_INFINITY);
    if (wanted.has(tensor)) flow.connect(2 * i + 1, end, Number.POSITIVE_INFINITY);
  }
  if (!flow.fill(start, end)) return null;
  const leads = flow.leadingTo(end);
  return [...places].filter(([, i]) => !leads.has(2 * i) && leads.has(2 * i + 1)).map(([tensor]) => tensor);
}

/** A network of pipes between numbered places, to be filled with as much flow as it carries. */
function flowNetwork(size: number) {
  // Pipe e and its way back e ^ 1 stand side by side; `room` is what each can still take.
  const [to, room]: [number[], number[]] = [[], []];
  const pipes: number[][] = Array.from({ length: size }, () => []);
  const add = (from: number, target: number, capacity: number) => {
    pipes[from].push(to.length);
    to.push(target);
    room.push(capacity);
  };
  return {
    connect(from: number, target: number, capacity: number): void {
      add(from, target, capacity);
      add(target, from, 0);
    },
    /** Fills it along shortest ways (Edmonds & Karp 1972); false when the flow has no limit. */
    fill(start: number, end: number): boolean {
      for (;;) {
        const arrived = new Map<number, number>([[start, -1]]);
        for (const place of arrived.keys())
          for (const pipe of pipes[place])
            if (room[pipe] > 0 && !arrived.has(to[pipe])) arrived.set(to[pipe], pipe);
        if (!arrived.has(end)) return true;
        const way: number[] = [];
        for (let at = end; at !== start; at = to[way[way.length - 1] ^ 1]) way.push(arrived.get(at)!);
        const amount = Math.min(...way.map((pipe) => room[pipe]));
        if (amount === Number.POSITIVE_INFINITY) return false;
        for (const pipe of way) {
          room[pipe] -= amount;
          room[pipe ^ 1] += amount;
        }
      }
    },
    /** Places from which more could flow to `end`. */
    leadingTo(end: number): Set<number> {
      const found = new Set([end]);
      for (const place of found) for (const pipe of pipes[place]) if (room[pipe ^ 1] > 0) found.add(to[pipe]);
      return found;
    },
  };
}
