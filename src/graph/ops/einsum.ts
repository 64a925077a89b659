/**
 * Sums of products by Einstein's notation, lowered to transposes, reshapes and matrix products, two operands at a time
 * from the left. Nothing new is emitted, so gradients follow by themselves.
 */
import { GraphError, show, sizeOf, type Tensor } from '../tensor.js';
import { mul } from './arithmetic.js';
import { matmul } from './linear.js';
import { sum } from './reduce.js';
import { expand, reshape, slice, transpose } from './shape.js';

/** A tensor whose axes are named by labels, each once. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/**
 * The sum that an equation such as `'bhid,bhjd->bhij'` says: labels that stand on its right are kept in that order, the
 * others summed over. Without `->` the right side is every label that occurs once, in alphabetical order. `...` stands
 * for any leading axes, which broadcast. A label twice in one operand takes the diagonal.
 * @throws GraphError when the equation does not fit the operands
 */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  const { terms, result } = parse(equation, operands);
  const sizes = sizesOf(equation, operands, terms);
  const parts = operands.map((tensor, i) => withoutDiagonal(broadcastOut(tensor, terms[i], sizes)));
  const joined = parts.reduce((left, right, i) => {
    const later = new Set([...result, ...parts.slice(i + 1).flatMap(({ labels }) => labels)]);
    return product(summed(left, new Set([...later, ...right.labels])), right, later);
  });
  const { tensor, labels } = summed(joined, new Set(result));
  return transpose(
    tensor,
    result.map((label) => labels.indexOf(label)),
  );
}

/** Labels of each operand and of the result; the axes of an ellipsis are named '.1', '.2', … from the right. */
function parse(equation: string, operands: readonly Tensor[]) {
  const [left, right, ...more] = equation.replaceAll(/\s/g, '').split('->');
  const terms = left.split(',');
  if (more.length > 0 || terms.length !== operands.length)
    throw new GraphError(
      `einsum: "${equation}" with ${operands.length} operands; expected one term for each`,
    );
  let widest = 0;
  const labelled = terms.map((term, i) => {
    const letters = term.replace('...', '');
    const rest = operands[i].shape.length - letters.length;
    if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term) || (term.includes('...') ? rest < 0 : rest !== 0))
      throw new GraphError(`einsum: term "${term}" of "${equation}" does not fit ${show(operands[i].shape)}`);
    const open = Array.from({ length: Math.max(0, rest) }, (_, k) => `.${rest - k}`);
    widest = Math.max(widest, open.length);
    return spelled(term, open);
  });
  const all = Array.from({ length: widest }, (_, k) => `.${widest - k}`);
  const letters = labelled.flat().filter((label) => !label.startsWith('.'));
  const once = [...new Set(letters)].filter((label) => letters.indexOf(label) === letters.lastIndexOf(label));
  const result = right === undefined ? [...all, ...once.sort()] : spelled(right, all);
  for (const [i, label] of result.entries())
    if (result.indexOf(label) !== i || !labelled.flat().includes(label))
      throw new GraphError(
        `einsum: "${label}" on the right of "${equation}" is named twice or not on its left`,
      );
  return { terms: labelled, result };
}

/** The labels of a term, with those of its ellipsis in place. */
function spelled(term: string, open: readonly string[]): string[] {
  const [before, after] = term.split('...');
  return after === undefined ? [...before] : [...before, ...open, ...after];
}

/** The size of each label. */
function sizesOf(equation: string, operands: readonly Tensor[], terms: readonly (readonly string[])[]) {
  const sizes = new Map<string, number>();
  terms.forEach((labels, i) => {
    labels.forEach((label, axis) => {
      const size = operands[i].shape[axis];
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && known !== size)
        throw new GraphError(
          `einsum: "${label}" of "${equation}" is ${known} and ${size} in ${operands.map((t) => show(t.shape)).join(', ')}`,
        );
      sizes.set(label, Math.max(known, size));
    });
  });
  return sizes;
}

/** An operand whose axes of size 1 are as large as their label, where that stands for more. */
function broadcastOut(
  tensor: Tensor,
  labels: readonly string[],
  sizes: ReadonlyMap<string, number>,
): Labelled {
  const shape = labels.map((label) => sizes.get(label)!);
  return { tensor: expand(tensor, shape), labels };
}

/** Takes the diagonal of labels that occur twice. */
function withoutDiagonal({ tensor, labels }: Labelled): Labelled {
  const at = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (at < 0) return { tensor, labels };
  const first = labels.indexOf(labels[at]);
  const rest = labels.map((_, i) => i).filter((i) => i !== at && i !== first);
  const n = tensor.shape[at];
  const together = transpose(tensor, [...rest, first, at]);
  const flat = reshape(together, [...rest.map((i) => tensor.shape[i]), n * n]);
  const diagonal = slice(flat, rest.length, 0, n * n, n + 1);
  return withoutDiagonal({ tensor: diagonal, labels: [...rest.map((i) => labels[i]), labels[at]] });
}

/** Sums over labels that nothing needs. */
function summed({ tensor, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, i) => (needed.has(label) ? [] : [i]));
  if (axes.length === 0) return { tensor, labels };
  return { tensor: sum(tensor, { axes }), labels: labels.filter((label) => needed.has(label)) };
}

/** Product of two operands, summed over the labels that both have and nothing needs later: one batched matrix product. */
function product(left: Labelled, rightWhole: Labelled, needed: ReadonlySet<string>): Labelled {
  const right = summed(rightWhole, new Set([...needed, ...left.labels]));
  const common = left.labels.filter((label) => right.labels.includes(label));
  const batch = common.filter((label) => needed.has(label));
  const inner = common.filter((label) => !needed.has(label));
  const rows = left.labels.filter((label) => !common.includes(label));
  const columns = right.labels.filter((label) => !common.includes(label));
  const sizes = new Map(
    [left, right].flatMap(({ tensor, labels }) => labels.map((l, i) => [l, tensor.shape[i]])),
  );
  const size = (labels: readonly string[]) => labels.map((label) => sizes.get(label)!);
  const ordered = ({ tensor, labels }: Labelled, order: readonly string[]) =>
    transpose(
      tensor,
      order.map((label) => labels.indexOf(label)),
    );
  const labels = [...batch, ...rows, ...columns];
  if (inner.length === 0) {
    const a = reshape(ordered(left, [...batch, ...rows]), [
      ...size(batch),
      ...size(rows),
      ...columns.map(() => 1),
    ]);
    const b = reshape(ordered(right, [...batch, ...columns]), [
      ...size(batch),
      ...rows.map(() => 1),
      ...size(columns),
    ]);
    return { tensor: mul(a, b), labels };
  }
  const count = (names: readonly string[]) => sizeOf(size(names));
  const a = reshape(ordered(left, [...batch, ...rows, ...inner]), [
    ...size(batch),
    count(rows),
    count(inner),
  ]);
  const b = reshape(ordered(right, [...batch, ...inner, ...columns]), [
    ...size(batch),
    count(inner),
    count(columns),
  ]);
  return { tensor: reshape(matmul(a, b), size(labels)), labels };
}
