/** How commands fail: the sentence, the exit code, and with --json one document whatever the verb and the reason. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it, mock } from 'node:test';
import type { Command } from 'commander';
import { failureOf, tellFailure } from '../../src/cli/failure.js';
import { createProgram } from '../../src/cli/program.js';
import { DataError } from '../../src/errors.js';
import { temporaryFolder } from '../images/support.js';
import { hierHere } from './inProcess.js';
import { MAIN } from './support.js';

interface Document {
  readonly error: {
    readonly kind: string;
    readonly message: string;
    readonly exitCode: number;
    readonly hint: string;
  };
}

/** The document of a failure, which must be all of standard output. */
async function failed(...words: string[]): Promise<Document['error'] & { stderr: string }> {
  const { code, stdout, stderr } = await hierHere(...words, '--json');
  assert.notEqual(stdout, '', `${words.join(' ')}: ${stderr}`);
  const { error, ...rest } = JSON.parse(stdout) as Document;
  assert.deepEqual(rest, {});
  assert.deepEqual(Object.keys(error), ['kind', 'message', 'exitCode', 'hint']);
  assert.equal(error.exitCode, code);
  if (code === 2) assert.match(error.hint, /^npx hier (help \w+|--help)$/);
  assert.match(stderr, /^hier: /m);
  assert.doesNotMatch(stderr, /^\s+at /m);
  return { ...error, stderr };
}

describe('--json', () => {
  const folder = temporaryFolder();
  const VERBS = [
    ['train', 'demo', '--sede', '1'],
    ...['eval', 'export', 'search', 'explore', 'serve', 'tree', 'figures', 'report', 'embed', 'index'].map(
      (verb) => [verb, 'nowhere', '--nothing'],
    ),
    ...[['compare'], ['reproduce', 'nothing'], ['doctor', 'a', 'b'], ['demo', 'x'], ['trian']],
    ...[
      ['data', 'check'],
      ['data', 'stand-in', 'cub'],
      ['weights', 'get'],
      ['fleet', 'status', '--shards'],
    ],
    ...[['tree', 'place'], ['eval'], ['search', '--top', '0'], ['export', 'nowhere']],
  ];

  it('gives a document for a wrong usage of every verb, of commander or ours', async () => {
    for (const words of VERBS) {
      const { kind, message, exitCode } = await failed(...words);
      assert.deepEqual([kind, exitCode], ['UsageError', 2], `${words}: ${message}`);
      assert.doesNotMatch(message, /^error: /);
    }
  });

  it('gives a document in every verb that has it, whatever is wrong', async () => {
    const verbsOf = (command: Command, path: string[]): [string[], Command][] => [
      ...(command.options.some(({ long }) => long === '--json')
        ? [[path, command] as [string[], Command]]
        : []),
      ...command.commands.flatMap((one) => verbsOf(one, [...path, one.name()])),
    ];
    const verbs = verbsOf(await createProgram([]), []);
    assert.ok(verbs.length > 20);
    for (const [path, command] of verbs) {
      const { kind } = await failed(...path, '--no-such-option');
      assert.equal(kind, 'UsageError', path.join(' '));
      const needed = command.registeredArguments.filter(({ required }) => required);
      const options = command.options.filter(({ mandatory }) => mandatory);
      if (needed.length + options.length === 0) continue; // nothing can be missing
      await failed(...path, ...(needed.length > 0 ? [] : ['nowhere']));
      const given = options.flatMap(({ long }) => [long!, join(folder, 'no', 'where.npy')]);
      if (path.join(' ') === 'data check') continue; // whose document is what it found
      await failed(...path, ...needed.map(() => join(folder, 'nowhere')), ...given);
    }
  });

  it('gives a document for data that are not there', async () => {
    for (const [words, kind, exitCode] of [
      [['eval', 'nowhere'], 'UsageError', 2],
      [['search', '--table', 'nowhere', '--vectors', 'nowhere.npy'], 'UsageError', 2],
      [['train', 'demo', '--data', 'nowhere', '--out', join(folder, 'run')], 'DataError', 3],
      [['train', 'demo', '--data', 'nowhere', '--out', '/proc/x'], 'HierError', 1],
    ] as const) {
      const found = await failed(...words);
      assert.deepEqual([found.kind, found.exitCode], [kind, exitCode], found.message);
      assert.ok(found.stderr.includes(found.message));
    }
  });

  it('says nothing of itself where help is asked for', async () => {
    const { code, stdout } = await hierHere('train', '--json', '--help');
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: hier train/);
  });
});

describe('a failure', () => {
  it('is told without what a terminal would obey, and no name can begin a line', async () => {
    const { code, stderr } = await hierHere('eval', 'no\x1b[2Jwhere\nhier: all is well\u202e');
    assert.equal(code, 2);
    assert.match(stderr, /no\\u001b\[2Jwhere\n {2}hier: all is well\\u202e/);
  });

  it('of a folder that was deleted under the command names that', async () => {
    const stub = mock.method(process, 'cwd', () => {
      throw Object.assign(new Error('ENOENT: process.cwd failed'), { code: 'ENOENT', syscall: 'uv_cwd' });
    });
    try {
      const { code, stderr } = await hierHere('data', 'check', 'photos');
      assert.deepEqual([code, stderr.split('\n').length], [1, 2]);
      assert.match(stderr, /^hier: The folder in which this command was started is not there any more/);
    } finally {
      stub.mock.restore();
    }
  });

  it('for want of memory says so', () => {
    const { kind, message } = knownFailure(new RangeError('Array buffer allocation failed'));
    assert.deepEqual([kind, /not enough memory/.test(message)], ['HierError', true]);
  });

  it('has the kind, the message and the exit code of its error', () => {
    assert.deepEqual(failureOf(new DataError('x is damaged.')), {
      kind: 'DataError',
      message: 'x is damaged.',
      exitCode: 3,
    });
    assert.deepEqual(failureOf(new TypeError('x of undefined')), {
      kind: 'Error',
      message: 'x of undefined',
      exitCode: 1,
    });
  });
});

/** What is told of an error, as a document. */
function knownFailure(error: Error): Document['error'] {
  let text = '';
  const stubs = [
    mock.method(process.stdout, 'write', (part: string) => {
      text += part;
      return true;
    }),
    mock.method(process.stderr, 'write', () => true),
  ];
  try {
    tellFailure(error, { json: true });
  } finally {
    for (const stub of stubs) stub.mock.restore();
  }
  return (JSON.parse(text) as Document).error;
}

describe('standard output that cannot be written', { skip: process.platform !== 'linux' }, () => {
  const folder = temporaryFolder();
  let code: number | null;
  let stderr = '';

  before(async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [MAIN, 'weights', 'list', '--dir', folder], {
      stdio: ['ignore', full, 'pipe'],
    });
    child.stderr!.on('data', (part) => {
      stderr += part;
    });
    code = await new Promise((resolve) => child.on('close', resolve));
  });

  it('is a failure with a sentence', () => {
    assert.equal(code, 1);
    assert.match(stderr, /^hier: The result could not be written to standard output: the disk .* is full/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });
});
