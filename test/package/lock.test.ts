/** What is installed is what was locked: every package of the lock has a checksum, and comes from the registry. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EMOJI_VERSIONS } from '../../src/datasets/emoji/vendors.js';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
}
const packages = (
  JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }
).packages;

/**
 * LanceDB for other platforms: optional, and never installed on Linux with x64. The registry that the lock was made with
 * has no such version of them and so no checksum; npm takes that of the registry that it installs from.
 */
const WITHOUT = [
  'darwin-arm64',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'win32-arm64-msvc',
  'win32-x64-msvc',
].map((platform) => `node_modules/@lancedb/lancedb-${platform}`);

test('every locked package has a checksum, and comes from the registry', () => {
  const all = Object.entries(packages).filter(([path]) => path !== '');
  assert.ok(all.length > 100);
  for (const [path, { integrity, resolved, link, optional }] of all) {
    assert.ok(!link, `${path} is a link`);
    if (integrity === undefined) assert.ok(optional && WITHOUT.includes(path), `${path} has no checksum`);
    else assert.match(integrity, /^sha512-[\w+/]{86}==$/, path);
    if (resolved !== undefined) assert.match(resolved, /^https:\/\/registry\.npmjs\.org\//, path);
  }
});

test('the versions of the drawings that hier names are those that are locked', () => {
  for (const [name, version] of Object.entries(EMOJI_VERSIONS))
    assert.equal(packages[`node_modules/${name}`]?.version, version, name);
  const locked = Object.keys(packages).filter((path) =>
    /^node_modules\/(@iconify-json\/|emoji\.json$)/.test(path),
  );
  assert.deepEqual(
    locked.map((path) => path.replace('node_modules/', '')).sort(),
    Object.keys(EMOJI_VERSIONS).sort(),
  );
});
