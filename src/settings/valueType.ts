/**
 * What values a leaf of a schema takes, in words: `whole number from 1`, `[number, number], each above 0`, `last or all`. For help
 * and reference; what is checked is the schema itself.
 */
import { z } from 'zod';

/** The part of JSON Schema that fields are made of. */
interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape | false;
  readonly prefixItems?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** Bounds that mean "any": those of whole numbers that a double holds. */
const NO_BOUND = Number.MAX_SAFE_INTEGER;

/** The values of a schema without parts, in words. */
export function valueType(schema: z.core.$ZodType): string {
  return words(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape);
}

function words(shape: Shape): string {
  const { type, anyOf, prefixItems, items, properties } = shape;
  if (shape.const !== undefined) return String(shape.const);
  if (shape.enum) return listed(shape.enum.map(String));
  if (anyOf) return listed(anyOf.map(words));
  if (prefixItems)
    return `[${prefixItems.map((one) => words(plain(one))).join(', ')}]${each(prefixItems[0])}`;
  if (type === 'array')
    return `list of ${countOf(shape)}${items ? words(plain(items)).replace(/^(whole )?number/, '$1numbers') + each(items) : ''}`;
  if (properties) return `group of ${listed(Object.keys(properties), 'and')}`;
  if (type === 'integer' || type === 'number')
    return `${type === 'integer' ? 'whole number' : 'number'}${range(shape)}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'string') return 'text';
  return type ?? 'any';
}

/** Several words as one: `a, b or c`. */
function listed(all: readonly string[], last = 'or'): string {
  const one = [...new Set(all)];
  return one.length < 2 ? one.join('') : `${one.slice(0, -1).join(', ')} ${last} ${one.at(-1)}`;
}

/** A number without its bounds, which are said once of a whole list. */
function plain({ type, ...rest }: Shape): Shape {
  return type === 'number' || type === 'integer'
    ? { type }
    : { ...(type === undefined ? {} : { type }), ...rest };
}

function each(shape: Shape): string {
  const text = range(shape);
  return text === '' ? '' : `, each${text}`;
}

function countOf({ minItems = 0, maxItems }: Shape): string {
  if (maxItems === undefined) return minItems > 0 ? `${minItems} or more ` : '';
  return minItems > 0 ? `${minItems} to ${maxItems} ` : `up to ${maxItems} `;
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Shape): string {
  const most = maximum === undefined || maximum >= NO_BOUND ? undefined : maximum;
  if (minimum !== undefined && most !== undefined) return ` from ${minimum} to ${shown(most)}`;
  const low =
    minimum !== undefined
      ? ` from ${minimum}`
      : exclusiveMinimum !== undefined
        ? ` above ${exclusiveMinimum}`
        : '';
  const high =
    most !== undefined
      ? ` up to ${shown(most)}`
      : exclusiveMaximum !== undefined
        ? ` below ${exclusiveMaximum}`
        : '';
  return low !== '' && high !== '' ? `${low},${high}` : low + high;
}

/** A number with commas between thousands, and π by its name. */
function shown(value: number): string {
  return value === Math.PI ? 'π' : value.toLocaleString('en-US', { maximumFractionDigits: 6 });
}
