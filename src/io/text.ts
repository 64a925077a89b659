/**
 * The one way from the bytes of a file to text: UTF-8, UTF-16 that says so by its mark, or what somebody says that it is. Bytes that
 * are not text are refused by line, since a decoder that puts a sign in their place makes different names equal. What the text means is
 * decided elsewhere.
 */
import { isUtf8 } from 'node:buffer';
import { extname } from 'node:path';
import { readFileSync } from '../disk/index.js';
import { DataError, shortened, UsageError } from '../errors.js';
import { foreignFile } from './foreign.js';

/**
 * The text of a file, without its byte order mark.
 * @param encoding what it is written in where it is not UTF-8, by a name that `TextDecoder` knows, such as `windows-1252`
 * @throws UsageError for an encoding that is not known; DataError with the line where it is not UTF-8 (or UTF-16 with a mark), and ReadFault when it cannot be read
 */
export function readTextFile(path: string, encoding?: string): string {
  return encoding === undefined
    ? textOf(path, readFileSync(path))
    : decoded(path, readFileSync(path), encoding);
}

/** Bytes in an encoding that somebody has named; UTF-8 with letters beyond ASCII is refused, which hardly ever is anything else. */
function decoded(path: string, bytes: Buffer, encoding: string): string {
  const decoder = decoderOf(encoding);
  if (isUtf8(bytes) && decoder.encoding !== 'utf-8' && bytes.some((byte) => byte >= 0x80))
    throw new DataError(`${path} is in UTF-8, and not in ${encoding}: leave --encoding out.`);
  const foreign = foreignFile(path, 'vectors');
  if (foreign !== '' || (bytes.includes(0) && !decoder.encoding.startsWith('utf-16')))
    throw new DataError(`${path} is not a file of text.${foreign || ' It is damaged, or of another kind.'}`);
  try {
    const text = decoder.decode(bytes);
    return decoder.encoding === 'windows-1252' ? text.replace(/[\x80-\x9f]/g, inWindows1252) : text;
  } catch (cause) {
    throw new DataError(
      `${path} is not in ${encoding}: some of its bytes mean nothing there. Name another.`,
      {
        cause,
      },
    );
  }
}

/** What the bytes 80 to 9f are in Windows-1252, where they are anything; some releases of Node take them for ISO-8859-1. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const inWindows1252 = (character: string) => WINDOWS_1252[character.charCodeAt(0) - 0x80];

function decoderOf(encoding: string) {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw new UsageError(
      `"${shortened(encoding)}" is not an encoding that is known. Give one such as windows-1252, iso-8859-2, shift_jis or gb18030.`,
      { cause },
    );
  }
}

/** Bytes that were read from `path` as text, as {@link readTextFile} has it. */
export function textOf(path: string, bytes: Buffer): string {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe)
    return third === 0 && fourth === 0 ? refuse(path, 'UTF-32') : utf16(path, bytes.subarray(2));
  if (first === 0xfe && second === 0xff) return utf16(path, swapped(path, bytes.subarray(2)));
  if (first === 0 && second === 0 && third === 0xfe && fourth === 0xff) refuse(path, 'UTF-32');
  if (looksLikeUtf16(bytes)) refuse(path, 'UTF-16 without a mark');
  if (isUtf8(bytes)) {
    const isMarked = first === 0xef && second === 0xbb && third === 0xbf;
    return bytes.toString('utf8', isMarked ? 3 : 0);
  }
  const foreign = foreignFile(path, 'vectors');
  if (foreign !== '' || bytes.includes(0))
    throw new DataError(`${path} is not a file of text.${foreign || ' It is damaged, or of another kind.'}`);
  const { line, sample } = firstForeignLine(bytes);
  throw new DataError(
    `${path}, line ${line} is not UTF-8: "${sample}". The file is probably in Windows-1252 or a relative of it. Save it as ` +
      `UTF-8 (in Excel "CSV UTF-8"), or convert it: ${conversion(path, 'WINDOWS-1252')}. A list for hier index or hier tree can ` +
      'stay as it is with --encoding windows-1252.',
  );
}

/**
 * A piece of text inside a file of another kind.
 * @param where what holds it, as the beginning of a sentence
 * @throws DataError when it is not UTF-8
 */
export function utf8Piece(where: string, bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  throw new DataError(`${where} is not UTF-8: "${escaped(Buffer.from(bytes).subarray(0, 40))}".`);
}

/** Bytes as they can be printed: ASCII as it is, others as `\xe4`. */
export function escaped(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}

function refuse(path: string, encoding: string): never {
  throw new DataError(
    `${path} is in ${encoding}; UTF-8 is read. Convert it: ${conversion(path, encoding.split(' ')[0])}`,
  );
}

/** The command that converts a file: its ending says what is in it, and paths in a list are relative to where that is. */
function conversion(path: string, encoding: string): string {
  const ending = extname(path);
  const converted = `${path.slice(0, path.length - ending.length)}.utf8${ending}`;
  return `iconv -f ${encoding} -t UTF-8 ${JSON.stringify(path)} > ${JSON.stringify(converted)}`;
}

function utf16(path: string, bytes: Buffer): string {
  const text = bytes.toString('utf16le');
  if (bytes.length % 2 !== 0 || /\p{Cs}/u.test(text))
    throw new DataError(`${path} says that it is UTF-16, but is not, or is cut short. Save it as UTF-8.`);
  return text;
}

function swapped(path: string, bytes: Buffer): Buffer {
  if (bytes.length % 2 !== 0) return utf16(path, bytes) as never;
  return Buffer.from(bytes).swap16();
}

/** Latin letters in UTF-16 have a zero for every second byte; text in UTF-8 has none. */
function looksLikeUtf16(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 64);
  if (head.length < 4) return false;
  const zeros = [0, 1].map((start) => head.filter((byte, i) => i % 2 === start && byte === 0).length);
  return Math.max(...zeros) >= 0.4 * head.length && Math.min(...zeros) === 0;
}

/** The first line, from 1, that is not UTF-8, from a little before the bytes at fault. */
function firstForeignLine(bytes: Buffer): { line: number; sample: string } {
  let line = 1;
  for (let start = 0; ; line++) {
    const next = bytes.indexOf(0x0a, start);
    const end = next < 0 ? bytes.length : next;
    const content = bytes.subarray(start, end);
    if (!isUtf8(content) || next < 0) {
      let at = 0;
      while (at < content.length && isUtf8(content.subarray(0, at + 1))) at++;
      const from = Math.max(0, at - 20);
      return { line, sample: escaped(content.subarray(from, from + 40)).replace(/\\x0d$/, '') };
    }
    start = next + 1;
  }
}
