/**
 * TensorBoard event files with scalars: records framed by their length and checksums, each an `Event` message
 * in protocol-buffer encoding. Written and read back; no images, histograms or graphs.
 */
import { existsSync, readFileSync } from '../disk/index.js';
import { appendWhole } from './append.js';
import { writeFileAtomic } from './atomic.js';
import { maskedCrc32c } from './crc32c.js';

/** Scalars of one step. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  wallTime: number;
  /** Step, a whole number from 0. */
  step: number;
  /** Values by tag; a slash in a tag makes a group. They are stored as float32. */
  scalars: Record<string, number>;
}

/** Adds one event to an event file; a new file gets the format's version first. */
export function appendEvent(path: string, event: ScalarEvent): void {
  const start = existsSync(path) ? [] : [versionRecord(event.wallTime)];
  appendWhole(path, Buffer.concat([...start, scalarRecord(event)]));
}

/** All scalar events of a file, up to the first torn or damaged record; empty when there is no such file. */
export function readEvents(path: string): ScalarEvent[] {
  if (!existsSync(path)) return [];
  return [...records(readFileSync(path))]
    .map(parseEvent)
    .filter((event) => Object.keys(event.scalars).length);
}

/** Rewrites an event file atomically with the events for which `keep` holds. */
export function filterEvents(path: string, keep: (event: ScalarEvent) => boolean): void {
  const kept = readEvents(path).filter(keep);
  if (existsSync(path))
    writeFileAtomic(path, [versionRecord(kept[0]?.wallTime ?? Date.now() / 1000), ...kept.map(scalarRecord)]);
}

function versionRecord(wallTime: number): Buffer {
  return frame(Buffer.concat([double(1, wallTime), bytesField(3, Buffer.from('brain.Event:2'))]));
}

function scalarRecord({ wallTime, step, scalars }: ScalarEvent): Buffer {
  const values = Object.entries(scalars).map(([tag, value]) =>
    bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag)), float(2, value)])),
  );
  return frame(
    Buffer.concat([
      double(1, wallTime),
      Buffer.from([(2 << 3) | 0, ...varint(step)]),
      bytesField(5, Buffer.concat(values)),
    ]),
  );
}

/** Length, its checksum, the message, its checksum. */
function frame(message: Buffer): Buffer {
  const record = Buffer.alloc(message.length + 16);
  record.writeBigUInt64LE(BigInt(message.length));
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(message, 12);
  record.writeUInt32LE(maskedCrc32c(message), 12 + message.length);
  return record;
}

/** The messages of a file, up to the first whose frame is not whole and sound. */
function* records(file: Buffer): Generator<Buffer> {
  for (let at = 0; at + 16 <= file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    if (length > file.length - at - 16) return;
    const message = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 8) !== maskedCrc32c(file.subarray(at, at + 8))) return;
    if (file.readUInt32LE(at + 12 + length) !== maskedCrc32c(message)) return;
    yield message;
    at += length + 16;
  }
}

// Protocol-buffer encoding: a key (field number and wire type), then the value.

/** Whole numbers below 2^53, seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.from([(field << 3) | 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.from([(field << 3) | 5, 0, 0, 0, 0]);
  bytes.writeFloatLE(Math.fround(value), 1);
  return bytes;
}

/** Field number and value: a number for a varint, bytes for everything else. */
function* fields(message: Buffer): Generator<[number, number | Buffer]> {
  let at = 0;
  const readVarint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (!(byte & 128)) return value;
    }
  };
  while (at < message.length) {
    const key = readVarint();
    const wireType = key & 7;
    if (wireType === 0) yield [key >> 3, readVarint()];
    else {
      const length = wireType === 1 ? 8 : wireType === 5 ? 4 : readVarint();
      yield [key >> 3, message.subarray(at, (at += length))];
    }
  }
}

function parseEvent(message: Buffer): ScalarEvent {
  let [wallTime, step] = [0, 0];
  const scalars: [string, number][] = [];
  for (const [field, value] of fields(message)) {
    if (field === 1) wallTime = (value as Buffer).readDoubleLE();
    if (field === 2) step = value as number;
    if (field === 5)
      for (const [, summaryValue] of fields(value as Buffer)) {
        const parts = new Map(fields(summaryValue as Buffer));
        scalars.push([String(parts.get(1)), (parts.get(2) as Buffer).readFloatLE()]);
      }
  }
  return { wallTime, step, scalars: Object.fromEntries(scalars) };
}
