import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { HierError } from '../../src/errors.js';
import { checkRecipe } from '../../src/recipe/load.js';
import { OWN_PARTS } from '../../src/recipe/parts.js';
import { onDevice, requireParity } from '../../src/training/device.js';

const recipe = checkRecipe({
  name: 'device',
  images: { size: 16 },
  backbone: { name: 'tiny-vit', patch: 8, width: 16, depth: 1, heads: 2, mlpRatio: 2 },
  head: { embeddingSize: 8 },
});

test('on the processor a recipe stays as it is, and nothing is compared', async () => {
  assert.equal(await onDevice(recipe, OWN_PARTS, assert.fail), recipe);
});

test('operators that a device computes wrongly are refused by name, with what to do', () => {
  const fine = { operator: 'Mul', kinds: 1, isLeft: false, difference: 0 };
  requireParity('webgpu', [fine]);
  const wrong = {
    ...fine,
    operator: 'Softmax',
    difference: 1,
    failure: 'differs by 1.0e+0 of its largest number',
  };
  assert.throws(
    () => requireParity('webgpu', [fine, wrong]),
    (error: Error) =>
      error instanceof HierError &&
      /Softmax \(differs by/.test(error.message) &&
      !/Mul/.test(error.message) &&
      /engine\.device=cpu/.test(error.message),
  );
});

test('a recipe for a device that this system does not have ends before anything is trained', async () => {
  const device = process.platform === 'darwin' ? 'dml' : 'coreml';
  const asked = { ...recipe, engine: { ...recipe.engine, device } as typeof recipe.engine };
  await assert.rejects(onDevice(asked, OWN_PARTS, assert.fail), /is only there under/);
});

/** A graphics card in software, which comes with Chromium of Debian: the folder of its library and description. */
const SOFTWARE_CARD = ['/usr/lib/chromium', process.env.HIER_SOFTWARE_VULKAN ?? ''].find((folder) =>
  existsSync(join(folder, 'vk_swiftshader_icd.json')),
);
const skip =
  SOFTWARE_CARD === undefined && 'no Vulkan in software is installed here (Debian: apt-get install chromium)';

test('a run on a graphics card, in software here, is that on the processor up to rounding', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hier-device-'));
  const child = join(dirname(fileURLToPath(import.meta.url)), 'deviceChild.js');
  const run = (device: string) => {
    const started = spawnSync(process.execPath, [child, join(folder, device), device], {
      encoding: 'utf8',
      env: {
        ...process.env,
        LD_LIBRARY_PATH: SOFTWARE_CARD,
        VK_ICD_FILENAMES: join(SOFTWARE_CARD!, 'vk_swiftshader_icd.json'),
      },
    });
    assert.equal(started.status, 0, started.stderr);
    return JSON.parse(started.stdout) as { embeddings: number[]; notes: string };
  };
  try {
    const [cpu, card] = [run('cpu'), run('webgpu')];
    assert.match(card.notes, /operators were compared with the processor's on webgpu/);
    assert.doesNotMatch(cpu.notes, /compared/);
    const size = Math.max(...cpu.embeddings.map(Math.abs));
    const off = Math.max(...cpu.embeddings.map((value, i) => Math.abs(value - card.embeddings[i])));
    assert.ok(size > 0.1 && off < 1e-3 * size, `off by ${off} of ${size}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
