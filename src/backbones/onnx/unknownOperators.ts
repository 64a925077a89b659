/** Why an operator that has no rule is not taken, and what file to take instead. */

import { shown } from './file/shownName.js';

const QUANTISED = /[Qq]uantize|Integer$|^QLinear|^QGemm|^QAttention|NBits$/;

/** Why an operator is not taken, and what to do. */
export function whyNot(domain: string, op: string): string {
  if (QUANTISED.test(op))
    return 'computes with quantised weights, which cannot be trained. Take the file in full precision, usually onnx/model.onnx.';
  if (domain === 'com.microsoft' || domain === 'com.ms.internal.nhwc')
    return "is an operator of ONNX Runtime's own, from a file that was optimised for one machine. Take the plain file, usually onnx/model.onnx.";
  if (domain !== '')
    return `is an operator of "${shown(domain)}", not of standard ONNX. Export the network with standard operators alone.`;
  if (op === 'Loop' || op === 'Scan')
    return 'repeats a part of the graph as often as the input asks for. Export the network with a fixed size of images.';
  if (/^(Sequence|Split[A-Z]|Optional|String|Tf)/.test(op))
    return 'works on sequences or text, which a backbone does not need.';
  return 'is not among the operators that hier can train (docs/backbones-onnx.md lists them). Export the network without it, or take features from a place before it.';
}
