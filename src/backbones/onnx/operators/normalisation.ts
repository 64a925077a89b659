/** Normalisations. Batch normalisation keeps the statistics of the file. */
import * as graph from '../../../graph/index.js';
import {
  type Call,
  floatOf,
  has,
  intOf,
  type OperatorRules,
  type Result,
  refuse,
  tensorAt,
} from '../call.js';

const optional = (call: Call, i: number) => (has(call, i) ? tensorAt(call, i) : undefined);

function batchNormalization(call: Call): Result {
  if (intOf(call, 'training_mode', 0) === 1 || call.node.outputs.filter((name) => name !== '').length > 1)
    refuse(
      call,
      'normalises by the images of the batch, as in training. Export the network in evaluation form (model.eval())',
    );
  const [x, gamma, beta, mean, variance] = [0, 1, 2, 3, 4].map((i) => tensorAt(call, i));
  return graph.normalizeChannels(x, { gamma, beta, mean, variance, epsilon: floatOf(call, 'epsilon', 1e-5) });
}

function layerNormalization(call: Call): Result {
  if (call.node.outputs.length > 1 && call.node.outputs[1] !== '') refuse(call, 'gives its statistics too');
  return graph.layerNormalization(tensorAt(call, 0), {
    weight: optional(call, 1),
    bias: optional(call, 2),
    epsilon: floatOf(call, 'epsilon', 1e-5),
    axis: intOf(call, 'axis', -1),
  });
}

/** Scale and shift are given by group before version 21, by channel since. */
function groupNormalization(call: Call): Result {
  const x = tensorAt(call, 0);
  const groups = intOf(call, 'num_groups', 1);
  const each = x.shape[1] / groups;
  const byChannel = (p: graph.Tensor) =>
    p.shape[0] === x.shape[1]
      ? p
      : graph.reshape(graph.expand(graph.reshape(p, [groups, 1]), [groups, each]), [x.shape[1]]);
  return graph.groupNormalization(x, groups, {
    weight: byChannel(tensorAt(call, 1)),
    bias: byChannel(tensorAt(call, 2)),
    epsilon: floatOf(call, 'epsilon', 1e-5),
  });
}

export const normalisations: OperatorRules = {
  BatchNormalization: { about: 'with the statistics of the file', graph: batchNormalization },
  LayerNormalization: { about: 'from an axis on', graph: layerNormalization },
  InstanceNormalization: {
    about: '',
    graph: (call) =>
      graph.instanceNormalization(tensorAt(call, 0), {
        weight: optional(call, 1),
        bias: optional(call, 2),
        epsilon: floatOf(call, 'epsilon', 1e-5),
      }),
  },
  GroupNormalization: { about: 'scale by group or by channel', graph: groupNormalization },
  RMSNormalization: {
    about: 'from an axis on',
    graph: (call) =>
      graph.rmsNormalization(tensorAt(call, 0), {
        weight: optional(call, 1),
        epsilon: floatOf(call, 'epsilon', 1e-5),
        axis: intOf(call, 'axis', -1),
      }),
  },
  LpNormalization: {
    about: 'p = 1 or 2',
    graph: (call) =>
      graph.lpNormalize(tensorAt(call, 0), { p: intOf(call, 'p', 2), axis: intOf(call, 'axis', -1) }),
  },
};
