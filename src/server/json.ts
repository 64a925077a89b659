/**
 * Requests as JSON and as query strings, checked against a schema: with bounds on what is looked at, so that neither many
 * values nor deep ones cost more than their bytes.
 */
import type { ZodType } from 'zod';
import { shortened } from '../errors.js';
import { repeatedName, saidTwice } from '../json.js';
import { HttpError } from './http.js';

/** Values of a body, those within others counted too: more than any question needs. */
const MOST_VALUES = 60_000;
/** Names in an object, and half of those in all; none that is understood has as many. */
const MOST_NAMES = 200;
/** Numbers in arrays; a vector has fewer. They cost more than texts. */
const MOST_NUMBERS = 20_000;
/** Arrays and objects of a body: a filter has an array for each column. */
const MOST_GROUPS = 300;
/** Arrays and objects within one another. */
const MOST_DEPTH = 16;
/** Characters of what a schema says about a value. */
const MOST_TOLD = 300;

/**
 * The value of a body of JSON. Throws HttpError: 415 for another type, 400 for what is not JSON, too deep or too much, or has
 * a name twice.
 */
export function parseJson(type: string | undefined, bytes: Buffer): unknown {
  if (!/^application\/json\b/i.test(type ?? ''))
    throw new HttpError(415, 'The body must be of type application/json.');
  assertFew(bytes);
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpError(400, 'The body is not JSON.');
  }
  const twice = repeatedName(text);
  if (twice !== undefined) throw new HttpError(400, `In the body, ${saidTwice(twice)}.`);
  return value;
}

/** The parameters of an address by name. Throws HttpError 400 for one that is there twice. */
export function queryOf(address: URL): Record<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of address.searchParams) {
    if (query.has(name)) throw new HttpError(400, `In the address, ${saidTwice(name)}.`);
    query.set(name, value);
  }
  return Object.fromEntries(query);
}

const [QUOTE, BACKSLASH, COMMA, SPACE, MINUS, NINE] = [0x22, 0x5c, 0x2c, 0x20, 0x2d, 0x39];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

function assertFew(bytes: Buffer): void {
  const excess = excessOf(bytes);
  if (excess) throw new HttpError(400, `The body has ${excess}.`);
}

/**
 * What there is too much of in JSON, as the end of a sentence; undefined when there is not. Counted by brackets and commas,
 * those within texts left out, before anything is made of them: a body that is refused here is not parsed, and a schema, which
 * says something about every wrong value, looks at few.
 */
function excessOf(bytes: Buffer): string | undefined {
  /** Names so far of the objects that are open; -1 for arrays. */
  const open = new Int32Array(MOST_DEPTH);
  let depth = 0;
  let isText = false;
  /** Whether a value begins here, and whether one does only where nothing is closed. */
  let isNext = false;
  let isEmpty = false;
  let values = 0;
  let names = 0;
  let numbers = 0;
  let groups = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (isText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isText = false;
      continue;
    }
    if (byte <= SPACE) continue;
    const isClosing = byte === CLOSE_ARRAY || byte === CLOSE_OBJECT;
    if (byte === COMMA) {
      isNext = true;
      continue;
    }
    if (isNext || (isEmpty && !isClosing)) {
      if (++values > MOST_VALUES) return `more than ${MOST_VALUES} values`;
      if (depth > 0 && open[depth - 1] >= 0) {
        if (++open[depth - 1] > MOST_NAMES) return `an object of more than ${MOST_NAMES} names`;
        if (++names > 2 * MOST_NAMES) return `objects of more than ${2 * MOST_NAMES} names`;
      } else if (byte >= MINUS && byte <= NINE && ++numbers > MOST_NUMBERS)
        return `more than ${MOST_NUMBERS} numbers`;
    }
    isNext = false;
    isEmpty = false;
    if (byte === QUOTE) isText = true;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      if (depth === MOST_DEPTH) return `more than ${MOST_DEPTH} arrays and objects within one another`;
      if (++groups > MOST_GROUPS) return `more than ${MOST_GROUPS} arrays and objects`;
      open[depth++] = byte === OPEN_ARRAY ? -1 : 0;
      isEmpty = true;
    } else if (isClosing && depth > 0) depth--;
  }
  return undefined;
}

/** A value as a schema gives it. Throws HttpError 400 that names what is wrong. */
export function check(schema: ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return {};
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [{ path, message }] = error.issues;
  const place = path.length > 0 ? `, "${shortened(path.join('.'))}"` : '';
  throw new HttpError(400, `In ${where}${place}: ${shortened(message, MOST_TOLD)}`);
}
