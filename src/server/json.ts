/**
 * Requests as JSON and as query strings, checked against a schema: with bounds on what is looked at, so that neither many
 * values nor deep ones cost more than their bytes.
 */
import type { ZodType } from 'zod';
import { shortened } from '../errors.js';
import { HttpError } from './http.js';

/** Values of a body, those within others counted too: more than any question needs. */
const MOST_VALUES = 60_000;
/** Names in an object; none that is understood has as many. */
const MOST_NAMES = 200;
/** Arrays and objects within one another. */
const MOST_DEPTH = 16;
/** Characters of what a schema says about a value. */
const MOST_TOLD = 300;

/** The value of a body of JSON. Throws HttpError: 415 for another type, 400 for what is not JSON, too deep or too much. */
export function parseJson(type: string | undefined, bytes: Buffer): unknown {
  if (!/^application\/json\b/i.test(type ?? ''))
    throw new HttpError(415, 'The body must be of type application/json.');
  assertShallow(bytes);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new HttpError(400, 'The body is not JSON.');
  }
  assertFew(value);
  return value;
}

/** Looks at the brackets alone, those within texts left out: a body that is refused here is not parsed. */
function assertShallow(bytes: Buffer): void {
  const [quote, backslash] = [0x22, 0x5c];
  let depth = 0;
  let isText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === quote) isText = !isText;
    else if (isText) {
      if (byte === backslash) i++;
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > MOST_DEPTH)
        throw new HttpError(
          400,
          `The body has more than ${MOST_DEPTH} arrays and objects within one another.`,
        );
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
}

/** A schema says something about every wrong value; this bounds how many it looks at. */
function assertFew(value: unknown): void {
  const rest = [value];
  let count = 0;
  for (let one = rest.pop(); one !== undefined; one = rest.pop()) {
    if (typeof one !== 'object' || one === null) continue;
    const parts = Object.values(one);
    count += parts.length;
    if (!Array.isArray(one) && parts.length > MOST_NAMES)
      throw new HttpError(400, `The body has an object of more than ${MOST_NAMES} names.`);
    if (count > MOST_VALUES) throw new HttpError(400, `The body has more than ${MOST_VALUES} values.`);
    for (const part of parts) if (typeof part === 'object' && part !== null) rest.push(part);
  }
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
