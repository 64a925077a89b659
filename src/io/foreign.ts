/**
 * Files of other programs, told by their first bytes: what they are and how to convert them. For the messages of those who
 * were given such a file in place of one that hier reads; nothing is read here but the beginning.
 */
import { extname } from 'node:path';
import { closeSync, openSync, readSync, shownPath } from '../disk/index.js';

/** What is expected in place of a file. */
export type Wanted = 'vectors' | 'weights';

/** A pickle of protocol 2 to 5. */
const isPickle = (text: string) => text[0] === '\x80' && text.charCodeAt(1) >= 2 && text.charCodeAt(1) <= 5;

interface Foreign {
  readonly is: string;
  /** What names of such files end in, where hier reads them: of a file that is named so nothing needs to be said. */
  readonly ending?: string;
  /** How to convert it; undefined where there is no short way. */
  readonly convert?: Readonly<Record<Wanted, string>>;
}

const TORCH: Foreign = {
  is: 'a file of PyTorch (torch.save)',
  convert: {
    weights:
      'import torch, safetensors.torch as s; w = torch.load(IN, map_location="cpu", weights_only=True); s.save_file({k: v.contiguous().clone() for k, v in w.get("state_dict", w).items()}, OUT)',
    vectors: 'import torch, numpy; numpy.save(OUT, torch.load(IN, map_location="cpu").numpy())',
  },
};
const HDF5: Foreign = {
  is: 'an HDF5 file (Keras, h5py, MATLAB 7.3)',
  convert: {
    weights:
      'import h5py, safetensors.numpy as s; w = {}; h5py.File(IN).visititems(lambda k, v: w.update({k: v[()]}) if hasattr(v, "shape") else None); s.save_file(w, OUT)',
    vectors: 'import h5py, numpy; f = h5py.File(IN); numpy.save(OUT, f[list(f)[0]][()])',
  },
};
const NPZ: Foreign = {
  is: 'an archive of NumPy arrays (.npz)',
  convert: {
    weights: 'import numpy, safetensors.numpy as s; s.save_file(dict(numpy.load(IN)), OUT)',
    vectors: 'import numpy; f = numpy.load(IN); numpy.save(OUT, f[f.files[0]])',
  },
};
const PICKLE: Foreign = {
  is: 'a pickle of Python, which can run programs and is never opened',
  convert: {
    weights: TORCH.convert!.weights,
    vectors: 'import pickle, numpy; numpy.save(OUT, numpy.asarray(pickle.load(open(IN, "rb"))))',
  },
};
const MATLAB: Foreign = {
  is: 'a .mat file of MATLAB',
  convert: {
    weights:
      'import scipy.io, safetensors.numpy as s; s.save_file({k: v for k, v in scipy.io.loadmat(IN).items() if k[0] != "_"}, OUT)',
    vectors:
      'import scipy.io, numpy; numpy.save(OUT, next(v for k, v in scipy.io.loadmat(IN).items() if k[0] != "_"))',
  },
};
const ARROW: Foreign = {
  is: 'an Arrow or Feather file',
  convert: {
    weights: '',
    vectors: 'import pyarrow.feather as f, pyarrow.parquet as p; p.write_table(f.read_table(IN), OUT)',
  },
};

/** By the first bytes, as Latin-1; the first that holds. */
const BY_START: readonly (readonly [holds: (text: string) => boolean, foreign: Foreign])[] = [
  [(text) => text.startsWith('\x89HDF'), HDF5],
  [(text) => text.startsWith('PK') && /\/(data\.pkl|byteorder|version)/.test(text), TORCH],
  [(text) => text.startsWith('PK') && /\.npy/.test(text), NPZ],
  [(text) => text.startsWith('PK'), { is: 'a .zip archive' }],
  [(text) => isPickle(text) && text.slice(2, 7) === '\x8a\nl\xfc\x9c', TORCH],
  [(text) => isPickle(text), PICKLE],
  [
    (text) => text.startsWith('\x93NUMPY'),
    { is: 'a NumPy array; its name should end in .npy', ending: '.npy' },
  ],
  [
    (text) => text.startsWith('PAR1'),
    { is: 'a Parquet file; its name should end in .parquet', ending: '.parquet' },
  ],
  [(text) => text.startsWith('ARROW1') || text.startsWith('FEA1'), ARROW],
  [(text) => text.startsWith('MATLAB 5'), MATLAB],
  [(text) => text.startsWith('GGUF'), { is: 'a GGUF file (llama.cpp)' }],
  [(text) => text.slice(4, 8) === 'TFL3', { is: 'a TensorFlow Lite model' }],
  [(text) => text.startsWith('\x1f\x8b'), { is: 'compressed with gzip; unpack it first' }],
  [(text) => text.startsWith('BZh'), { is: 'compressed with bzip2; unpack it first' }],
  [(text) => text.startsWith('\x28\xb5\x2f\xfd'), { is: 'compressed with zstd; unpack it first' }],
  [(text) => text.startsWith('\xfd7zXZ'), { is: 'compressed with xz; unpack it first' }],
  [(text) => text.startsWith('7z\xbc\xaf'), { is: 'a 7z archive; unpack it first' }],
  [(text) => /^\s*(<!doctype html|<html)/i.test(text), { is: 'a web page, perhaps of a failed download' }],
  [
    (text) => text.startsWith('version https://git-lfs'),
    { is: 'a Git LFS pointer, not the file itself; run git lfs pull' },
  ],
  [
    (text) => /^.{0,40}(pytorch|tf2onnx|onnx|skl2onnx|keras2onnx)/s.test(text) && text.startsWith('\x08'),
    { is: 'an ONNX model' },
  ],
];

/** By the ending, where the first bytes say nothing. */
const BY_NAME: Readonly<Record<string, Foreign>> = {
  '.pth': TORCH,
  '.pt': TORCH,
  '.ckpt': TORCH,
  '.bin': TORCH,
  '.pkl': PICKLE,
  '.pickle': PICKLE,
  '.h5': HDF5,
  '.hdf5': HDF5,
  '.keras': HDF5,
  '.npz': NPZ,
  '.mat': MATLAB,
  '.feather': ARROW,
  '.arrow': ARROW,
  '.onnx': { is: 'an ONNX model' },
  '.tflite': { is: 'a TensorFlow Lite model' },
  '.pb': { is: 'a TensorFlow graph' },
};

/**
 * What a file is, when it is one of another program, and the command that converts it, as sentences that begin with a
 * space; empty when nothing is known about it.
 */
export function foreignFile(path: string, wanted: Wanted): string {
  const text = startOf(path);
  const found =
    BY_START.find(([holds]) => holds(text))?.[1] ??
    (Object.hasOwn(BY_NAME, extname(path).toLowerCase()) ? BY_NAME[extname(path).toLowerCase()] : undefined);
  if (!found || found.ending === extname(path).toLowerCase()) return '';
  const command = found.convert?.[wanted];
  if (!command) return ` It is ${found.is}.`;
  const out =
    path.replace(/\.[^./\\]*$/, '') +
    (wanted === 'weights' ? '.safetensors' : command.includes('parquet') ? '.parquet' : '.npy');
  const python = command.replace('IN', quoted(path)).replace('OUT', quoted(out));
  return ` It is ${found.is}. Convert it with Python: python -c '${python}'`;
}

const quoted = (path: string) => JSON.stringify(shownPath(path).replaceAll("'", '’'));

/** The first bytes of a file as Latin-1; empty when it cannot be read. */
function startOf(path: string): string {
  const head = Buffer.alloc(512);
  try {
    const file = openSync(path, 'r');
    try {
      return head.toString('latin1', 0, readSync(file, head, 0, head.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
