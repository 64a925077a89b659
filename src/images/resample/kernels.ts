/**
 * The two passes of the resampler as WebAssembly SIMD, written in TypeScript: the same integer sums as the plain form, four
 * lanes at a time. They trust their arguments; what lies where in the memory is arranged by their caller.
 *
 * An axis is a list of records of 32-bit integers, one a result: [where its inputs begin, in bytes; bytes of its
 * weights; weights...].
 */
import {
  type Code,
  i32,
  step,
  stepBy,
  type Variable,
  wasmFunction,
  wasmModule,
  whileBelow,
} from '../../wasm/assembler.js';
import { lanes, VECTOR, v128 } from '../../wasm/lanes.js';
import { BITS, HALF } from './plan.js';

const PIXEL = 3;
const WEIGHT = 4;
const HEAD = 8;

/** Adds 32-bit pixels times the weight to a sum. */
const weigh = (sum: Variable, pixels: Code, weight: Code) =>
  sum.set(lanes.add(sum.get, lanes.multiply(pixels, weight)));
/** 32-bit sums in fixed point as bytes. */
const whole = (sum: Variable) => lanes.shiftRight(sum.get, BITS);
const half = lanes.everywhere(i32.constant(HALF));

/**
 * Filters rows: a pixel at a time, its three channels and a fourth lane that counts for nothing. Reads one byte after
 * the last pixel and writes one after the last result.
 */
const rows = wasmFunction(
  'rows',
  ['input', 'stride', 'count', 'output', 'records', 'recordsEnd', 'recordBytes'],
  ({ input, stride, count, output, records, recordsEnd, recordBytes }, declare) => {
    const [end, record, from, tap, tapEnd] = Array.from({ length: 5 }, declare.integer);
    const sum = declare.vector();
    return [
      end.set(i32.add(input.get, i32.multiply(stride.get, count.get))),
      whileBelow(input.get, end.get, [
        record.set(records.get),
        whileBelow(record.get, recordsEnd.get, [
          from.set(i32.add(input.get, i32.load(record.get))),
          tap.set(i32.add(record.get, i32.constant(HEAD))),
          tapEnd.set(i32.add(tap.get, i32.load(record.get, 4))),
          sum.set(half),
          whileBelow(tap.get, tapEnd.get, [
            weigh(
              sum,
              lanes.widen(lanes.widenBytes(v128.loadFourBytes(from.get), 'low'), 'low'),
              v128.loadEverywhere(tap.get),
            ),
            stepBy(from, PIXEL),
            stepBy(tap, WEIGHT),
          ]),
          v128.storeFourBytes(
            output.get,
            lanes.narrowToBytes(lanes.narrow(whole(sum), whole(sum)), whole(sum)),
          ),
          stepBy(output, PIXEL),
          step(record, recordBytes.get),
        ]),
        step(input, stride.get),
      ]),
    ].flat();
  },
);

/**
 * Filters columns: sixteen neighbouring bytes at a time. Reads and writes up to 15 bytes after the last row; what it
 * writes there in other rows is overwritten by the next.
 */
const columns = wasmFunction(
  'columns',
  ['input', 'stride', 'output', 'records', 'recordsEnd', 'recordBytes'],
  ({ input, stride, output, records, recordsEnd, recordBytes }, declare) => {
    const [column, from, tap, tapEnd] = Array.from({ length: 4 }, declare.integer);
    const [bytes, weight, a, b, c, d] = Array.from({ length: 6 }, declare.vector);
    const low = lanes.widenBytes(bytes.get, 'low');
    const high = lanes.widenBytes(bytes.get, 'high');
    return whileBelow(records.get, recordsEnd.get, [
      column.set(i32.constant(0)),
      whileBelow(column.get, stride.get, [
        from.set(i32.add(i32.add(input.get, column.get), i32.load(records.get))),
        tap.set(i32.add(records.get, i32.constant(HEAD))),
        tapEnd.set(i32.add(tap.get, i32.load(records.get, 4))),
        ...[a, b, c, d].map((sum) => sum.set(half)),
        whileBelow(tap.get, tapEnd.get, [
          bytes.set(v128.load(from.get)),
          weight.set(v128.loadEverywhere(tap.get)),
          weigh(a, lanes.widen(low, 'low'), weight.get),
          weigh(b, lanes.widen(low, 'high'), weight.get),
          weigh(c, lanes.widen(high, 'low'), weight.get),
          weigh(d, lanes.widen(high, 'high'), weight.get),
          step(from, stride.get),
          stepBy(tap, WEIGHT),
        ]),
        v128.store(
          i32.add(output.get, column.get),
          lanes.narrowToBytes(lanes.narrow(whole(a), whole(b)), lanes.narrow(whole(c), whole(d))),
        ),
        stepBy(column, VECTOR),
      ]),
      step(output, stride.get),
      step(records, recordBytes.get),
    ]);
  },
);

/** The module of both kernels, for any engine that has WebAssembly SIMD. */
export const kernelModule = (): Uint8Array<ArrayBuffer> => wasmModule([rows, columns]);
