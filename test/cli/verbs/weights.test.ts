import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../../images/support.js';
import { serve } from '../../io/download/support.js';
import { runHere } from '../inProcess.js';
import { hier } from '../support.js';

describe('hier weights', () => {
  const cwd = temporaryFolder();

  it('lists what there is and what is here', async () => {
    mkdirSync(join(cwd, 'kept'));
    writeFileSync(join(cwd, 'kept/resnet50.safetensors'), 'x'.repeat(2_000_000));
    const text = await runHere(['weights', 'list', '--dir', 'kept'], { cwd });
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /vit-s16 +– +about 88 +ViT-S\/16/);
    assert.match(text.stdout, /resnet50 +yes +2 +ResNet-50/);
    const { stdout } = await runHere(['weights', 'list', '--dir', 'kept', '--json'], { cwd });
    const { weights } = JSON.parse(stdout) as { weights: { name: string; kept: { bytes: number } | null }[] };
    assert.deepEqual(
      weights.map(({ name, kept }) => [name, kept?.bytes ?? null]),
      [
        ['vit-s16', null],
        ['deit-s16', null],
        ['dino-s16', null],
        ['dinov2-s14', null],
        ['resnet50', 2_000_000],
      ],
    );
  });

  it('explains a name, an address and a file that do not help', async () => {
    const server = await serve((_, response) => response.writeHead(404).end());
    try {
      const cases: [string[], number, RegExp][] = [
        [['get', 'vit'], 2, /There are no weights "vit"\./],
        [['get', 'vit-s16', '--from', `${server.address}/`], 3, /answered 404: there is no such file/],
        [['get', 'vit-s16', '--from', 'absent.safetensors'], 3, /There is no file .*absent\.safetensors/],
        [['get', 'vit-s16', '--sha256', 'abc'], 2, /64 hexadecimal digits/],
        [['get', 'resnet50'], 3, /resnet50\.safetensors is not a sound safetensors file/],
      ];
      for (const [words, code, message] of cases) {
        const outcome = await runHere(['weights', ...words, '--dir', 'kept'], { cwd });
        assert.equal(outcome.code, code, outcome.stderr);
        assert.match(outcome.stderr, message);
      }
    } finally {
      await server.close();
    }
  });

  it('stops on SIGINT and keeps what has arrived', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 50_000_000, etag: '"one"' });
      const more = () => {
        if (!response.destroyed) response.write(Buffer.alloc(100_000), () => setTimeout(more, 50));
      };
      more();
    });
    try {
      let sent = false;
      const words = [
        'weights',
        'get',
        'vit-s16',
        '--dir',
        'part',
        '--from',
        `${server.address}/x.safetensors`,
      ];
      const outcome = await hier(words, {
        cwd,
        onError: (text, kill) => {
          if (!sent && text.includes('MB: ')) {
            sent = true;
            kill('SIGINT');
          }
        },
      });
      assert.equal(outcome.code, 1, outcome.stderr);
      assert.match(outcome.stderr, /Stopped\. Run the same command again/);
      assert.ok(readFileSync(join(cwd, 'part/vit-s16.safetensors.part')).length > 0);
    } finally {
      await server.close();
    }
  });
});
