// Puts ONNX Runtime into vendor/: those files of its two npm packages that hier uses, and nothing that runs at
// install time. The published package contains this folder, and a clone runs the same files.
//
// Why it isn't a plain dependency: the install script of onnxruntime-node fetches CUDA libraries from a host of its
// own, which fails without that host, and the two packages weigh 430 MB, of which 190 MB are of use here.
// It downloads nothing: it links (or copies) files of node_modules. Plain JavaScript, run before anything is compiled.
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Raise it when the choice of files below changes: an older vendor/ is then made again. */
const FORMAT = 1;

/**
 * Files by package, as a test of their path inside it.
 *
 * Left out of onnxruntime-node: its sources and install script; DirectML.dll, dxcompiler.dll and dxil.dll, which
 * Windows loads only when a session asks for a graphics card, and which have licences of their own; the second
 * copy of the same library for macOS. Left out of onnxruntime-web: WebGL, WebGPU and JSPI.
 */
const CHOSEN = {
  'onnxruntime-node': (path) =>
    /^dist\/.*\.(js|d\.ts)$/.test(path) ||
    (path.startsWith('bin/') &&
      !/(DirectML|dxcompiler|dxil)\.dll$|libonnxruntime\.\d+\.\d+.*\.dylib$/.test(path)),
  'onnxruntime-web': (path) =>
    /^dist\/(ort\.wasm(\.bundle)?\.min\.mjs|ort-wasm-simd-threaded\.(mjs|wasm))$/.test(path),
};

/** Fields of a package's own package.json that travel; scripts and dependencies do not. */
const FIELDS = ['name', 'version', 'description', 'license', 'author', 'repository', 'main', 'types', 'os'];

/** Makes vendor/ unless it is there for these versions. Answers whether it was made. */
export function vendor() {
  const names = Object.keys(CHOSEN);
  const manifests = names.map((name) => JSON.parse(readFileSync(join(source(name), 'package.json'), 'utf8')));
  const wanted = [`format ${FORMAT}`, ...manifests.map(({ name, version }) => `${name} ${version}`)].join(
    '\n',
  );
  const target = join(root, 'vendor');
  const mark = join(target, 'VERSIONS');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return false;
  const fresh = `${target}.${process.pid}`;
  for (const [i, name] of names.entries()) {
    for (const path of filesBelow(source(name)).filter(CHOSEN[name]))
      place(join(source(name), path), join(fresh, name, path));
    const kept = Object.fromEntries(
      FIELDS.filter((key) => manifests[i][key]).map((key) => [key, manifests[i][key]]),
    );
    writeFileSync(join(fresh, name, 'package.json'), `${JSON.stringify(kept, null, 2)}\n`);
    writeFileSync(join(fresh, name, 'LICENSE'), licence(manifests[i]));
  }
  // Its own types declare a module by the package's name, which nothing finds here.
  writeFileSync(join(fresh, 'onnxruntime-web', 'index.d.ts'), "export * from 'onnxruntime-common';\n");
  writeFileSync(join(fresh, 'VERSIONS'), wanted);
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
  return true;
}

const source = (name) => join(root, 'node_modules', name);

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

/** A second name for the same bytes where the file system has such a thing, else a copy. */
function place(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** The packages name their licence and do not contain its text. */
const licence = ({ name, version }) => `${name} ${version} is part of ONNX Runtime. These files are unchanged.
What its binaries contain of other projects, under their licences:
https://github.com/microsoft/onnxruntime/blob/v${version}/ThirdPartyNotices.txt

MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) vendor();
