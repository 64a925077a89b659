import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkFile, type FileReport } from './formats.js';

const FOLDER = 'test/fixtures/golden';

/** Quantities that every file must have had compared, so that nothing is skipped silently. */
const ESSENTIAL: Readonly<Record<string, { format: string; cases: number; quantities: RegExp[] }>> = {
  '01_geometry.json': {
    format: 'geometry',
    cases: 6,
    quantities: [/riem1 grad_U/, /dist_matrix_XY/, /dist_matrix_grad grad_X3/, /logmap_Y/, /artanh grad/],
  },
  '02_proxy_anchor.json': {
    format: 'proxyAnchor',
    cases: 5,
    quantities: [/^loss/, /grad_X/, /original_grad_proxies/],
  },
  '03_hier_loss.json': {
    format: 'hier',
    cases: 4,
    quantities: [/^loss$/, /grad_lcas/, /grad_U/, /reciprocal/, /proxy_ijk onehot/],
  },
  '04_pair_losses.json': {
    format: 'pairLosses',
    cases: 16,
    quantities: [/^loss$/, /HIER_repo/, /hyp_metric_repo/, /pair 0,2 and 2,0/, /grad_X/, /grad_proxies/],
  },
  '05_softtriple.json': {
    format: 'softTriple',
    cases: 8,
    quantities: [/loss_idstcv/, /no regulariser/, /^grad_X$/, /^grad_fc$/, /grad_X_HIER/, /grad_fc_HIER/],
  },
  '06_embedding_head.json': {
    format: 'head',
    cases: 6,
    quantities: [/^embedding/, /grad_weight/, /pre_clip_norm/],
  },
  '07_training_trajectory.json': {
    format: 'trajectory',
    cases: 2,
    quantities: [
      /stepwise: losses.hier/,
      /carried: proxies after/,
      /carried: gradient of body/,
      /learning rate/,
    ],
  },
  '15_objective.json': {
    format: 'objective',
    cases: 3,
    quantities: [/^loss$/, /^loss_hier/, /grad_U/, /grad_class_proxies/, /grad_lcas_parameter/],
  },
  '08_schedules.json': { format: 'schedules', cases: 4, quantities: [/factor/] },
  '09_recall.json': { format: 'recall', cases: 5, quantities: [/^recall @/, /no_positional_masking/] },
  '10_umap_edges.json': {
    format: 'planeAncestors',
    cases: 2,
    quantities: [/^parent of sample$/, /^parent of proxy$/],
  },
  '11_delta_hyperbolicity.json': {
    format: 'hyperbolicity',
    cases: 3,
    quantities: [/delta_base_point/, /diam/, /relative_delta/, /c_estimate/],
  },
  '14_hierarchy_metrics.json': {
    format: 'hierarchyMetrics',
    cases: 13,
    quantities: [/purity/, /dasgupta/, /cophenetic/, /lca_point/, /lcs_height/, /AHP@10/, /max_height/],
  },
  '13_retrieval_metrics.json': {
    format: 'retrievalMetrics',
    cases: 2,
    quantities: [/ranking/, /precision_at_1/, /r_precision/, /map_at_r/, /mean_average/, /reciprocal/],
  },
};

for (const file of readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .sort())
  test(`${file}: every quantity within tolerance`, async () => {
    const report = await checkFile(join(FOLDER, file));
    assert.deepEqual(failures(report), []);
    const { format, cases, quantities } = ESSENTIAL[file];
    assert.equal(report.format, format);
    assert.equal(report.cases.length, cases);
    const names = report.cases.flatMap((item) => item.checks.map((check) => check.quantity));
    for (const wanted of quantities)
      assert.ok(
        names.some((name) => wanted.test(name)),
        `${wanted} is missing`,
      );
  });

function failures(report: FileReport): string[] {
  return report.cases.flatMap((item) =>
    item.checks
      .filter((check) => !check.ok)
      .map((check) => `${item.name}: ${check.quantity} ${check.engine} ${check.relative}`),
  );
}
