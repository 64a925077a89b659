/** Networks of others: ONNX files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Target } from '../target.js';

/** Where the reader of ONNX files stands, in a build that has one. */
const READER = new URL('../../../src/backbones/onnx/index.js', import.meta.url);
const MODELS = 'test/fixtures/onnx';

/** The formats. */
export const NETWORK_TARGETS: readonly Target[] =
  existsSync(fileURLToPath(READER)) && existsSync(MODELS)
    ? [
        {
          format: 'onnx',
          file: 'x.onnx',
          seeds: () =>
            readdirSync(MODELS)
              .filter((name) => name.endsWith('.onnx'))
              .map((name) => readFileSync(`${MODELS}/${name}`)),
          read: async (path) => (await import(READER.href)).importOnnx(path),
        },
      ]
    : [];
