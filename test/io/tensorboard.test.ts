import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { crc32c, maskedCrc32c } from '../../src/io/crc32c.js';
import { appendEvent, filterEvents, readEvents } from '../../src/io/tensorboard.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-events-'));
const path = join(folder, 'events.out.tfevents.x');
after(() => rmSync(folder, { recursive: true }));

describe('crc32c', () => {
  it('has the published values (RFC 3720, B.4)', () => {
    const bytes = (length: number, value: (i: number) => number) =>
      Uint8Array.from({ length }, (_, i) => value(i));
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
    assert.equal(crc32c(bytes(32, () => 0)), 0x8a9136aa);
    assert.equal(crc32c(bytes(32, () => 255)), 0x62a8ab43);
    assert.equal(crc32c(bytes(32, (i) => i)), 0x46dd794e);
    assert.equal(crc32c(bytes(32, (i) => 31 - i)), 0x113fdb5c);
    assert.equal(crc32c(new Uint8Array(0)), 0);
  });

  it('is masked by a rotation of 15 and a constant', () => {
    assert.equal(maskedCrc32c(new Uint8Array(0)), 0xa282ead8);
    // 0xe3069283 rotated right by 15 is 0x2507c60d.
    assert.equal(maskedCrc32c(Buffer.from('123456789')), (0x2507c60d + 0xa282ead8) % 2 ** 32);
  });
});

describe('event files', () => {
  it('have the bytes of the format', () => {
    rmSync(path, { force: true });
    appendEvent(path, { wallTime: 1.5, step: 300, scalars: { 'a/b': 1 } });
    const file = readFileSync(path);
    // First record: wall time 1.5 (field 1, 64 bits), file version (field 3).
    const version = Buffer.concat([
      Buffer.from('09000000000000f83f1a0d', 'hex'),
      Buffer.from('brain.Event:2'),
    ]);
    assert.equal(Number(file.readBigUInt64LE()), version.length);
    assert.deepEqual(file.subarray(12, 12 + version.length), version);
    // Second: wall time, step 300 = ac 02 (field 2), summary (field 5) of one value (field 1): tag, float 1.
    const event = Buffer.from('09000000000000f83f10ac022a0c0a0a0a03612f62150000803f', 'hex');
    const at = version.length + 16;
    assert.equal(Number(file.readBigUInt64LE(at)), event.length);
    assert.deepEqual(file.subarray(at + 12, at + 12 + event.length), event);
    assert.equal(file.readUInt32LE(at + 12 + event.length), maskedCrc32c(event));
    assert.equal(file.length, at + event.length + 16);
  });

  it('come back, and can be filtered', () => {
    const anyEvents = fc.array(
      fc.record(
        {
          wallTime: fc.double({ noNaN: true }),
          step: fc.maxSafeNat(),
          scalars: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.float(), {
            minKeys: 1,
            maxKeys: 3,
            noNullPrototype: true,
          }),
        },
        { noNullPrototype: true },
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(anyEvents, fc.maxSafeNat(), (events, limit) => {
        rmSync(path, { force: true });
        for (const event of events) appendEvent(path, event);
        assert.deepEqual(readEvents(path), events);
        filterEvents(path, ({ step }) => step <= limit);
        const kept = events.filter(({ step }) => step <= limit);
        assert.deepEqual(readEvents(path), kept);
        appendEvent(path, { wallTime: 0, step: 1, scalars: { x: 1 } });
        assert.equal(readEvents(path).length, kept.length + 1);
      }),
      { numRuns: 60 },
    );
  });

  it('are read up to a torn or damaged record', () => {
    rmSync(path, { force: true });
    for (let step = 0; step < 3; step++) appendEvent(path, { wallTime: step, step, scalars: { loss: step } });
    const whole = readFileSync(path);
    const record = 8 + 4 + 9 + 2 + 2 + 2 + 6 + 5 + 4;
    for (let cut = 1; cut < record; cut++) {
      writeFileSync(path, whole.subarray(0, whole.length - cut));
      assert.deepEqual(
        readEvents(path).map(({ step }) => step),
        [0, 1],
      );
    }
    const flipped = Buffer.from(whole);
    flipped[whole.length - record - 5] ^= 1;
    writeFileSync(path, flipped);
    assert.deepEqual(
      readEvents(path).map(({ step }) => step),
      [0],
    );
    appendFileSync(path, 'garbage that is longer than a header');
    filterEvents(path, () => true);
    assert.deepEqual(
      readEvents(path).map(({ step }) => step),
      [0],
    );
  });
});
