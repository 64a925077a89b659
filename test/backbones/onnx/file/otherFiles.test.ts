import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whatItIs } from '../../../../src/backbones/onnx/file/otherFiles.js';
import { onnxBytes } from '../build.js';

/** Bytes of a text whose characters are bytes, with zeros behind. */
const bytes = (start: string, zeros = 300) =>
  Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(zeros)]);

test('a file of another kind is named by how it begins, whatever its ending', () => {
  const cases: [Uint8Array, RegExp][] = [
    [Buffer.from('\ufeffversion https://git-lfs.github.com/spec/v1\noid sha256:0\n'), /Git LFS/],
    [Buffer.from('version https://hawser.github.com/spec/v1\noid sha256:0\n'), /Git LFS/],
    [bytes('PK\x05\x06', 18), /zip archive/],
    [bytes('\x1f\x8b\x08'), /is packed.*Unpack it/],
    [bytes('BZh91AY'), /is packed/],
    [bytes('\xfd7zXZ\0'), /is packed/],
    [bytes('\x28\xb5\x2f\xfd'), /is packed/],
    [bytes('7z\xbc\xaf\x27\x1c'), /is packed/],
    [bytes('Rar!\x1a\x07'), /is packed/],
    [bytes(`model.onnx${'\0'.repeat(247)}ustar`), /is packed/],
    [bytes('\x80\x05\x95'), /pickle/],
    [bytes('\x89HDF\r\n'), /HDF5/],
    [bytes('\x1c\0\0\0TFL3'), /TensorFlow Lite/],
    [bytes('\x1c\0\0\0ORTM'), /\.ort/],
    [bytes('GGUF\x03'), /GGUF/],
    [bytes('\x93NUMPY\x01'), /array of NumPy.*--data/],
    [bytes('\x89PNG\r\n'), /is a picture/],
    [bytes('\xff\xd8\xff\xe0'), /is a picture/],
    [bytes('RIFF\x20\0\0\0WEBPVP8 '), /is a picture/],
    [bytes('%PDF-1.4\n'), /a table, a document or a program/],
    [bytes('PAR1'), /a table, a document or a program/],
    [bytes('\x7fELF\x02'), /a table, a document or a program/],
    [Buffer.from('<?xml version="1.0"?>\n<net name="x"></net>'), /OpenVINO/],
    [Buffer.from('<!-- saved --><html></html>'), /web page/],
    [Buffer.from('\ufeff{"error": "no"}'), /JSON file/],
    [Buffer.from('{"irVersion": "8", "graph": {}}'), /ONNX model written as JSON/],
    [Buffer.from('ir_version: 8\ngraph {\n}\n'), /ONNX model written as text/],
    [
      Buffer.from('<\n  ir_version: 8\n>\nmain (float[1] x) => (float[1] y) {}'),
      /ONNX model written as text/,
    ],
    [Buffer.alloc(4000), /nothing but zeros/],
    [Buffer.from('Entry not found'), /text that begins "Entry not found"/],
    [Buffer.from('\ufeffpath,\u202elabel\n', 'utf16le'), /text that begins "path,\\u202elabel"/],
    [Buffer.from('a text with a letter that is cut: \u00e4').subarray(0, -1), /text that begins "a text/],
  ];
  for (const [given, expected] of cases)
    assert.match(String(whatItIs(given, 'x.onnx')), expected, String(expected));
});

test('a model is not taken for another kind of file', () => {
  const model = onnxBytes({
    nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', dims: ['n', 3, 8, 8] }],
    outputs: [{ name: 'y', dims: ['n', 3, 8, 8] }],
  });
  assert.equal(whatItIs(model, 'x.onnx'), undefined);
  assert.equal(whatItIs(model.subarray(2), 'x.onnx'), undefined);
});
