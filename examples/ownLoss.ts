/** Trains two epochs with a loss that hier does not ship: node ownLoss.js FOLDER */
import { loadRecipe, metricLoss, train } from '@hier-ml/hier';
import * as graph from '@hier-ml/hier/graph';
import { drawings } from './drawings.js';

const nearestWrong = metricLoss({
  about: 'a hinge between the proxy of the own class and the nearest other one',
  settings: { margin: { default: 0.2, above: 0, most: 2, about: 'of cosines, above 0 to 2' } },
  proxies: (classes) => ({ count: classes, initial: { kind: 'normal', std: 1 } }),
  build: ({ embeddings, labels, proxies, classes }, { margin }) => {
    const unit = graph.l2Normalize(embeddings);
    const cosines = graph.gemm(unit, graph.l2Normalize(proxies!), { transB: true }); // [B, C]
    const all = graph.reshape(graph.range(classes), [1, classes]);
    const isOwn = graph.equal(graph.reshape(labels, [-1, 1]), all);
    const own = graph.sum(graph.where(isOwn, cosines, 0), { axes: [1] });
    const nearest = graph.reduceMax(graph.where(isOwn, -2, cosines), { axes: [1] });
    return graph.mean(graph.relu(graph.add(graph.sub(nearest, own), margin)));
  },
});

const folder = process.argv[2] ?? 'own-loss';
const losses = { 'nearest-wrong': nearestWrong };
const choice = ['losses.metric.name=nearest-wrong', 'losses.metric.margin=0.3'];
const recipe = loadRecipe('smoke', [...(await drawings(`${folder}/drawings`)), ...choice], { losses });
const { best, steps } = await train({ recipe, folder: `${folder}/run`, losses });
console.log(`${steps} steps, R@1 ${best?.value.toFixed(2)} on held-out classes`);
