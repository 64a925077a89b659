/**
 * Golden format "softTriple" (05): SoftTriple and its gradients from the authors' repository (with regularizer)
 * and from HIER's wrapper over pytorch-metric-learning (without). The authors' code leaves normalising the
 * embeddings to its network, so its gradient is projected onto the sphere's tangent space here. Recomputed by
 * src/losses/softTriple.ts.
 */
import { gradients } from '../../src/graph/index.js';
import { softTriple } from '../../src/losses/softTriple.js';
import { type CaseReport, type Check, compare, type Engine } from './compare.js';
import { GRAPH_ENGINES, newFeeds, precisionOf } from './feeds.js';
import { firstCase, flat, has, type Json, matrix, number, objects, precision, vector } from './fields.js';

const WRAPPER = 'loss_HIER_SoftTripleLoss_Angle(pytorch-metric-learning, no regulariser)';

/** Whether a file holds cases of SoftTriple. */
export function recognise(file: Json): boolean {
  return firstCase(file, (item) => has(item, 'X_unit', 'T', 'fc_dim_by_CK', 'K'));
}

/** Recomputes every case, in both forms. */
export async function check(file: Json): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const item of objects(file, 'cases')) {
    const checks: Check[] = [];
    const tau = number(item, 'tau_regulariser');
    for (const engine of GRAPH_ENGINES) {
      const own = { loss: 'loss_idstcv', x: 'grad_X', fc: 'grad_fc', pull: tau };
      const wrapper = { loss: WRAPPER, x: 'grad_X_HIER', fc: 'grad_fc_HIER', pull: 0 };
      for (const form of [own, wrapper])
        if (has(item, form.loss)) checks.push(...(await checkForm(item, engine, form)));
    }
    const name = `K = ${number(item, 'K')}, tau = ${tau}, official ${precision(item)}`;
    reports.push({ name, checks });
  }
  return reports;
}

interface Form {
  readonly loss: string;
  readonly x: string;
  readonly fc: string;
  readonly pull: number;
}

async function checkForm(
  item: Json,
  engine: Engine,
  { loss: key, x: keyX, fc, pull }: Form,
): Promise<Check[]> {
  const feeds = newFeeds(precisionOf(engine));
  const rows = matrix(item, 'X_unit');
  const x = feeds.matrix(rows);
  const centres = feeds.matrix(transposed(matrix(item, 'fc_dim_by_CK')));
  const loss = softTriple(x, feeds.indices(vector(item, 'T')), centres, {
    centres: number(item, 'K'),
    scale: number(item, 'la'),
    temperature: number(item, 'gamma'),
    margin: number(item, 'margin'),
    pull,
  });
  const [gradX, gradCentres] = gradients(loss, [x, centres]);
  const ours = await feeds.run({ loss, gradX, gradCentres });
  const width = rows[0].length;
  const against = (name: string, values: number[], official: number[]) =>
    compare(name, values, official, { engine, precision: precision(item), kind: 'gradient', width });
  return [
    compare(key, ours.loss, flat(item, key), { engine, precision: precision(item) }),
    ...(has(item, keyX) ? [against(keyX, ours.gradX, tangential(rows, matrix(item, keyX)))] : []),
    ...(has(item, fc) ? [against(fc, ours.gradCentres, transposed(matrix(item, fc)).flat())] : []),
  ];
}

const transposed = (rows: number[][]): number[][] => rows[0].map((_, j) => rows.map((row) => row[j]));

/** Gradients without their part along the unit rows. */
function tangential(rows: number[][], grads: number[][]): number[] {
  return grads.flatMap((grad, i) => {
    const along = grad.reduce((total, g, k) => total + g * rows[i][k], 0);
    return grad.map((g, k) => g - along * rows[i][k]);
  });
}
