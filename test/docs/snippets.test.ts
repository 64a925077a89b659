import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import ts from 'typescript';

/**
 * The TypeScript of the documents. A snippet says after ```ts in which file of the project it stands; without that it
 * is a file of a user, who imports the package by its name.
 */
interface Snippet {
  /** Where it is written, as `docs/losses.md:154`. */
  readonly origin: string;
  /** The file that it is compiled as. */
  readonly path: string;
  readonly code: string;
}

const DOCUMENTS = ['README.md', ...readdirSync('docs').map((name) => join('docs', name))].filter((name) =>
  name.endsWith('.md'),
);

function snippetsOf(document: string): Snippet[] {
  const text = readFileSync(document, 'utf8');
  return [...text.matchAll(/^```ts(?: +(\S+))?\n([\s\S]*?)^```$/gm)].map(({ 1: place, 2: code, index }) => {
    const line = text.slice(0, index).split('\n').length;
    const name = `${document.replace(/\W/g, '_')}_${line}.ts`;
    return { origin: `${document}:${line}`, path: resolve(place ?? join('examples', name)), code };
  });
}

const snippets = DOCUMENTS.flatMap(snippetsOf);

/** What the compiler finds wrong, by snippet; all are compiled together, against the sources. */
function compilerProblems(): Map<Snippet, string[]> {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, process.cwd());
  const bare = { ...options, noEmit: true, incremental: false, noUnusedLocals: false };
  delete bare.tsBuildInfoFile;
  const host = ts.createCompilerHost(bare);
  const texts = new Map(snippets.map(({ path, code }) => [path, `${code}\nexport {};\n`]));
  const { readFile, fileExists } = host;
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  const program = ts.createProgram([...texts.keys()], bare, host);
  return new Map(
    snippets.map((snippet) => {
      const file = program.getSourceFile(snippet.path);
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [snippet, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}

describe('the TypeScript in README and docs', () => {
  test('is found', () => assert.ok(snippets.length >= 7));

  test('compiles against the sources', () => {
    const wrong = [...compilerProblems()].flatMap(([{ origin }, found]) =>
      found.map((problem) => `${origin}: ${problem}`),
    );
    assert.deepEqual(wrong, []);
  });

  for (const { origin, path, code } of snippets)
    test(`${origin} is formatted and passes the linter`, () => {
      const biome = join('node_modules', '@biomejs', 'biome', 'bin', 'biome');
      const words = [biome, 'check', '--write', `--stdin-file-path=${path}`];
      const { stdout, stderr, status } = spawnSync(process.execPath, words, {
        input: code,
        encoding: 'utf8',
      });
      assert.equal(stdout, code);
      assert.equal(status, 0, stderr);
    });
});
