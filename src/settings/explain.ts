/**
 * What is wrong with a tree of settings, in sentences that name the key, what was given and what was expected. It
 * turns the issues that a schema has found into text, and knows no recipe.
 */
import type { z } from 'zod';
import { shortened, suggestion } from '../errors.js';
import { type Field, schemaFields } from './fields.js';

/** What issues are explained for. */
export interface ExplainOptions {
  /** The schema that found them. */
  readonly schema: z.core.$ZodType;
  /** What was checked. */
  readonly given: unknown;
  /** Put in front of every path, such as `augment`. */
  readonly prefix?: string;
  /** What the whole is called where a path is empty. */
  readonly whole?: string;
}

/** One sentence for each issue that zod found in `given`. */
export function explainIssues(
  issues: readonly z.core.$ZodIssue[],
  { schema, given, prefix = '', whole = prefix }: ExplainOptions,
): string[] {
  const fields = schemaFields(schema, prefix);
  const start = prefix ? [prefix] : [];
  return issues.flatMap((issue) => {
    const path = [...start, ...issue.path].join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(path ? `${path}.${key}` : key, fields));
    const value = valueAt(given, issue.path);
    const variants = chosenVariants(given, issue.path);
    const described = fields.filter(
      (field) =>
        field.path === path &&
        field.description &&
        (field.variant === undefined || variants.length === 0 || variants.includes(field.variant)),
    );
    const meaning = described.length === 1 ? ` (${described[0].description})` : '';
    const problem = value === undefined ? 'it is missing' : `${valueText(value)} was given`;
    return [`"${path || whole}" must be ${expected(issue)}${meaning}, but ${problem}.`];
  });
}

/** The sentence for a key that is not known, with the likeliest one that was meant. */
function unknownKey(path: string, fields: readonly Field[]): string {
  const leaf = path.slice(path.lastIndexOf('.') + 1);
  const variants = fields.filter((field) => field.path === path && field.variant !== undefined);
  if (variants.length)
    return `unknown key "${path}": it belongs to ${variants.map((field) => `"${field.variant}"`).join(' and ')}.`;
  const sameLeaf = fields.find((field) => field.path.endsWith(`.${leaf}`) || field.path === leaf);
  const known = new Set(fields.flatMap((field) => prefixes(field.path)));
  return `unknown key "${shortened(path)}".${sameLeaf ? ` Did you mean "${sameLeaf.path}"?` : suggestion(path, known)}`;
}

/** A value as it would be written, shortened, with its type when that is not obvious. */
export function valueText(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `${JSON.stringify(shorten(value))} (text)`;
  return shorten(JSON.stringify(value) ?? String(value));
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `a.b.c` → a, a.b, a.b.c. */
function prefixes(path: string): string[] {
  const parts = path.split('.');
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** The `name` or `kind` of every group that a path leads through: the variants that a value belongs to. */
function chosenVariants(root: unknown, path: readonly PropertyKey[]): unknown[] {
  return path.flatMap((_, i) => {
    const group = valueAt(root, path.slice(0, i));
    const { name, kind } = (group ?? {}) as { name?: unknown; kind?: unknown };
    return i === 0 ? [] : [name, kind].filter((one) => one !== undefined);
  });
}

const types: Record<string, string> = {
  number: 'a finite number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a group of keys',
};

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return types[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? oneOf(issue.options) : issue.message;
    case 'too_small':
      return bounded(issue.origin, issue.inclusive === false ? 'above' : 'at least', issue.minimum);
    case 'too_big':
      return bounded(issue.origin, issue.inclusive === false ? 'below' : 'at most', issue.maximum);
    default:
      return issue.message;
  }
}

function oneOf(values: readonly unknown[]): string {
  const names = values.map((value) => JSON.stringify(value));
  return names.length === 1 ? names[0] : `one of ${names.join(', ')}`;
}

function bounded(origin: string, relation: string, bound: number | bigint): string {
  if (origin === 'array') return `a list of ${relation} ${bound} entries`;
  if (origin === 'string') return `a text of ${relation} ${bound} characters`;
  return `${relation} ${bound}`;
}
