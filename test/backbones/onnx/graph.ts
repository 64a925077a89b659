/** The graph of a small file, as the reader sees it. */
import { readModel } from '../../../src/backbones/onnx/file/messages.js';
import type { StoredGraph } from '../../../src/backbones/onnx/file/types.js';
import { type FileSpec, onnxBytes } from './build.js';

export const openedGraph = (spec: FileSpec): StoredGraph => readModel(onnxBytes(spec)).graph;
