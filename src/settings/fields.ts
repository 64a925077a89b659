/**
 * The list of all fields of a schema, such as that of a recipe: for help texts, and for telling a user what a
 * mistyped key should have been. It knows nothing of values.
 */
import { z } from 'zod';
import { valueType } from './valueType.js';

/** One leaf of a schema. */
export interface Field {
  /** Dotted path, such as `optimizer.learningRate`. */
  path: string;
  /** What it means, with unit and range. */
  description: string;
  /** What values it takes, in words, such as `whole number from 1`. */
  type: string;
  /** The default; undefined when there is none. */
  default: unknown;
  /** `name` or `kind` of the variant that the field belongs to, such as `warp`; absent for the others. */
  variant?: string;
}

/** All leaves below `schema` in the order in which they are declared. */
export function schemaFields(schema: z.core.$ZodType, prefix = '', variant?: string): Field[] {
  const fields: Field[] = [];
  const { inner, fallback, description } = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    for (const [key, child] of Object.entries(inner.shape))
      fields.push(...schemaFields(child as z.core.$ZodType, prefix ? `${prefix}.${key}` : key, variant));
  } else if (inner instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = inner.def;
    for (const option of inner.options as z.ZodObject[]) {
      const literal = option.shape[discriminator] as z.ZodLiteral;
      fields.push(...schemaFields(option, prefix, String(literal.value)));
    }
  } else {
    fields.push({
      path: prefix,
      description: description ?? '',
      type: valueType(inner),
      default: fallback,
      ...(variant === undefined ? {} : { variant }),
    });
  }
  return fields;
}

/** Takes defaults and the like off a schema. */
function unwrap(schema: z.core.$ZodType): {
  inner: z.core.$ZodType;
  fallback: unknown;
  description: string | undefined;
} {
  let inner = schema;
  let fallback: unknown;
  let description = (schema as z.ZodType).description;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    if (!(inner instanceof z.ZodOptional)) fallback = inner.def.defaultValue;
    inner = inner.def.innerType;
    description ??= (inner as z.ZodType).description;
  }
  return { inner, fallback, description };
}
