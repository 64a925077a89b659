import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ProtoWriter } from '../../src/graph/protobuf.js';
import { readFields } from '../support/protobuf.js';
import { runs } from '../support/shapes.js';

const hex = (writer: ProtoWriter) => Buffer.from(writer.bytes()).toString('hex');

test('the examples of the wire format', () => {
  assert.equal(hex(new ProtoWriter().int(1, 150)), '089601');
  assert.equal(hex(new ProtoWriter().text(2, 'testing')), '120774657374696e67');
  assert.equal(hex(new ProtoWriter().message(3, new ProtoWriter().int(1, 150))), '1a03089601');
  assert.equal(hex(new ProtoWriter().int(1, -1)), '08ffffffffffffffffff01');
  assert.equal(hex(new ProtoWriter().float(1, 1)), '0d0000803f');
  assert.equal(hex(new ProtoWriter().double(1, 1)), '09000000000000f03f');
  assert.equal(hex(new ProtoWriter().text(100, '')), 'a20600');
});

test('what is written is read back, nested to any depth', () => {
  const fields = fc.array(
    fc.record({
      field: fc.integer({ min: 1, max: 2000 }),
      value: fc.oneof(fc.maxSafeInteger(), fc.string()),
    }),
  );
  fc.assert(
    fc.property(fields, fc.nat(3), (list, depth) => {
      let writer = new ProtoWriter();
      for (const { field, value } of list)
        if (typeof value === 'number') writer.int(field, value);
        else writer.text(field, value);
      for (let i = 0; i < depth; i++) writer = new ProtoWriter().message(9, writer);
      let bytes = writer.bytes();
      for (let i = 0; i < depth; i++) {
        const [only, ...more] = readFields(bytes);
        assert.equal(more.length, 0);
        bytes = only.value as Uint8Array;
      }
      const back = readFields(bytes).map(({ field, value }) => ({
        field,
        value: typeof value === 'bigint' ? Number(value) : new TextDecoder().decode(value),
      }));
      assert.deepEqual(
        back,
        list.map(({ field, value }) => ({ field, value: value === 0 ? 0 : value })),
      );
    }),
    runs(100),
  );
});
