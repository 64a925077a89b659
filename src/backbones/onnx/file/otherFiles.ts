/** What a file is that is given as an ONNX model and is something else, told by how it begins, and what to do. */
import { shownLine } from '../../../shown.js';

/** Ways in which files begin (bytes as characters of Latin 1), with what they are. */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: files begin with such bytes
const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [
    /^(\xef\xbb\xbf)?version https:\/\/(git-lfs|hawser)\.github\.com\/spec\//,
    'is a pointer of Git LFS, not the model itself. Fetch it with "git lfs pull", or download the file from its page.',
  ],
  [
    /^PK(\x03\x04|\x05\x06|\x07\x08)/,
    'is a zip archive, such as PyTorch saves (.pth, .pt) or a folder packed. Export the network to ONNX with torch.onnx.export, or unpack the archive.',
  ],
  [
    /^(\x1f\x8b|BZh|\xfd7zXZ\0|\x28\xb5\x2f\xfd|7z\xbc\xaf|Rar!\x1a)|^[\s\S]{257}ustar/,
    'is packed (gzip, bzip2, xz, zstd, 7z, rar or tar). Unpack it, and name the .onnx file in it.',
  ],
  [
    /^\x80[\x02-\x05]/,
    'is a Python pickle, such as an old PyTorch checkpoint. Export the network to ONNX with torch.onnx.export.',
  ],
  [/^\x89HDF/, 'is an HDF5 file, such as Keras saves. Export the network to ONNX with tf2onnx.'],
  [/^[\s\S]{4}TFL3/, 'is a TensorFlow Lite model. Export the network to ONNX with tf2onnx.'],
  [/^[\s\S]{4}ORTM/, "is in ONNX Runtime's own format (.ort). Take the .onnx file that it was made of."],
  [/^GGUF/, 'is a GGUF file. Take the network as ONNX.'],
  [/^\x93NUMPY/, 'is an array of NumPy, not a network. Vectors are given as they are (--data FILE.npy).'],
  [
    /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF[\s\S]{4}WEBP|II\*\0|MM\0\*)/,
    'is a picture, not a network. Name the .onnx file, and pictures where images are asked for.',
  ],
  [
    /^(PAR1|ARROW1|SQLite format 3|%PDF-|\x7fELF|MZ[\s\S]{62})/,
    'is not a network but a table, a document or a program. Name the .onnx file.',
  ],
  [
    /^(\xef\xbb\xbf)?\s*(<\?xml[\s\S]*?)?<net\s/i,
    'is a network of OpenVINO (.xml). Take the ONNX file that it was made of.',
  ],
  [
    /^(\xef\xbb\xbf)?\s*<(!doctype|html|!--|\?xml|error)/i,
    'is a web page, not a model: the download went to a page about it. Fetch the file itself.',
  ],
  [
    /^(\xef\xbb\xbf)?\s*\{\s*"(irVersion|opsetImport|producerName|graph)"/,
    'is an ONNX model written as JSON. Save it as it is usually written, with onnx.save.',
  ],
  [/^(\xef\xbb\xbf)?\s*[{[]/, 'is a JSON file, not a model. Name the .onnx file.'],
  [
    /^\s*(ir_version:|<\s*ir_version)/,
    'is an ONNX model written as text. Save it as it is usually written, with onnx.save.',
  ],
  [/^\0{64}/, 'begins with nothing but zeros: the download was not finished. Fetch it again.'],
];
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: files begin with such bytes

/** What a file is that is not ONNX, and what to do; undefined when nothing speaks against it. */
export function whatItIs(bytes: Uint8Array, file: string): string | undefined {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  const header =
    bytes.length > 9 ? Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)) : 0;
  if (start[8] === '{' && header > 1 && header < 1e8)
    return 'is a safetensors file: weights without a network. Name it in backbone.weights of the network that it belongs to, or export that network to ONNX.';
  const known = BEGINNINGS.find(([begins]) => begins.test(start));
  if (known) return known[1];
  const words = textOf(bytes.subarray(0, 512));
  if (words !== undefined)
    return `is a text that begins "${shownLine(words.slice(0, 40))}", and not a whole ONNX model. Name the .onnx file, or fetch it again.`;
  if (/\.(safetensors|pth|pt|h5|tflite|gguf)$/i.test(file))
    return 'does not have the ending of an ONNX file. Export the network to ONNX.';
  return undefined;
}

/** The beginning of a text, in UTF-8 or UTF-16 with its mark; undefined for other bytes. */
function textOf(bytes: Uint8Array): string | undefined {
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined;
  // A letter may be cut at the end.
  const text = new TextDecoder(wide ?? 'utf-8').decode(bytes, { stream: true }).trim();
  // A model begins with its version, a byte that no text has.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell a text from other bytes
  return text !== '' && !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffd]/.test(text) ? text : undefined;
}
