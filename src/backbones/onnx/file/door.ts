/**
 * Opens a file that is given as an ONNX model, and says what it is when it is something else.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from '../../../disk/index.js';
import { DataError } from '../../../errors.js';
import { readModel } from './messages.js';
import type { StoredModel } from './types.js';

/** An ONNX file that was read. */
export interface OpenedModel extends StoredModel {
  readonly bytes: Uint8Array;
  /** Of the bytes, hexadecimal. */
  readonly sha256: string;
}

/** Largest file that one protobuf message may be, bytes. */
const LARGEST = 2 ** 31 - 1;

/**
 * Reads an ONNX file.
 * @throws DataError that says what the file is, when it is not one
 */
export function openModel(file: string): OpenedModel {
  const bytes = bytesOf(file);
  const known = whatItIs(bytes, file);
  if (known) throw new DataError(`${file} ${known}`);
  try {
    const model = readModel(bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { ...model, bytes, sha256 };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(`${file} is not a whole ONNX model: ${error.message}. Fetch or export it again.`, {
      cause: error,
    });
  }
}

function bytesOf(file: string): Uint8Array {
  let size: number;
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) throw new DataError(`${file} is a folder; name the ONNX file in it.`);
    if (!stat.isFile()) throw new DataError(`${file} is a device or a named pipe, not a plain file.`);
    size = stat.size;
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      cause: error,
    });
  }
  if (size === 0) throw new DataError(`${file} is empty. Fetch or export it again.`);
  if (size > LARGEST)
    throw new DataError(
      `${file} has ${(size / 1e9).toFixed(1)} GB. An ONNX file holds at most 2 GB; larger models keep their weights in a file beside it.`,
    );
  // Not a Buffer, whose parts are views where those of other arrays are copies.
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** What a file is that is not ONNX, and what to do; undefined when nothing speaks against it. */
function whatItIs(bytes: Uint8Array, file: string): string | undefined {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  if (start.startsWith('version https://git-lfs.github.com/spec/'))
    return 'is a pointer of Git LFS, not the model itself. Fetch it with "git lfs pull", or download the file from its page.';
  if (start.startsWith('PK\x03\x04'))
    return 'is a zip archive, such as PyTorch saves (.pth, .pt) or a folder packed. Export the network to ONNX with torch.onnx.export, or unpack the archive.';
  if (bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5)
    return 'is a Python pickle, such as an old PyTorch checkpoint. Export the network to ONNX with torch.onnx.export.';
  if (start.startsWith('\x89HDF'))
    return 'is an HDF5 file, such as Keras saves. Export the network to ONNX with tf2onnx.';
  if (start.slice(4, 8) === 'TFL3')
    return 'is a TensorFlow Lite model. Export the network to ONNX with tf2onnx.';
  if (start.slice(4, 8) === 'ORTM')
    return "is in ONNX Runtime's own format (.ort). Take the .onnx file that it was made of.";
  if (start.startsWith('GGUF')) return 'is a GGUF file. Take the network as ONNX.';
  if (/^\s*(<!doctype|<html|<\?xml)/i.test(start))
    return 'is a web page, not a model: the download went to a page about it. Fetch the file itself.';
  const header =
    bytes.length > 9 ? Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)) : 0;
  if (start[8] === '{' && header > 1 && header < 1e8)
    return 'is a safetensors file: weights without a network. Name it in backbone.weights of the network that it belongs to, or export that network to ONNX.';
  if (/^\s*[{[]/.test(start)) return 'is a JSON file, not a model. Name the .onnx file.';
  if (/\.(safetensors|pth|pt|h5|tflite|gguf)$/i.test(file))
    return 'does not have the ending of an ONNX file. Export the network to ONNX.';
  return undefined;
}
