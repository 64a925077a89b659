/**
 * From described settings to a schema that checks them, and the checking of settings by themselves. A recipe's schema
 * is made of these; what is wrong is told by this folder's explanations.
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { explainIssues } from './explain.js';
import type {
  Bounds,
  IntervalSetting,
  ListSetting,
  NumberSetting,
  Setting,
  Settings,
  Values,
} from './setting.js';

/** The schemas of settings by name, with defaults and meanings. */
export function settingSchemas(settings: Settings): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, schemaOf(setting)]));
}

/**
 * Checks settings and fills in their defaults.
 * @param prefix what the settings are called in messages, such as `augment`
 * @throws UsageError with a sentence for everything that is wrong
 */
export function checkSettings<S extends Settings>(settings: S, given: unknown, prefix: string): Values<S> {
  const schema = z.strictObject(settingSchemas(settings));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data as Values<S>;
  throw new UsageError(explainIssues(parsed.error.issues, { schema, given, prefix }).join('\n'));
}

function schemaOf(setting: Setting): z.ZodType {
  const { about } = setting;
  if ('settings' in setting)
    return z.strictObject(settingSchemas(setting.settings)).optional().describe(about);
  if ('interval' in setting)
    return intervalOf(setting)
      .default([...setting.default])
      .describe(about);
  if ('entries' in setting)
    return listOf(setting)
      .default([...setting.default])
      .describe(about);
  if ('text' in setting) {
    const schema = z.string().min(1);
    return (setting.default === null ? schema.nullable().default(null) : schema).describe(about);
  }
  if (typeof setting.default === 'boolean') return z.boolean().default(setting.default).describe(about);
  if (typeof setting.default === 'string') {
    const schema = 'oneOf' in setting ? z.enum(setting.oneOf) : z.string().min(1);
    return (schema as z.ZodString).default(setting.default).describe(about);
  }
  return optionalNumber(setting as NumberSetting);
}

function optionalNumber(setting: NumberSetting): z.ZodType {
  const schema = numberOf(setting);
  if (setting.default === undefined) return schema.describe(setting.about);
  if (setting.default === null) return schema.nullable().default(null).describe(setting.about);
  return schema.default(setting.default).describe(setting.about);
}

/**
 * A number that a graph can compute with: graphs hold float32, in which 1e300 is infinite and 1e-300 is 0, and training with
 * either goes on without a word.
 */
export const float32 = (): z.ZodNumber =>
  z.number().refine((value) => value === 0 || (Math.abs(value) >= 1.2e-38 && Math.abs(value) <= 3.4e38), {
    error: 'a number that float32 can hold (0, or from 1.2e-38 to 3.4e38 with either sign)',
  });

function numberOf({ whole, above, least, most, below }: Bounds): z.ZodNumber {
  let schema: z.ZodNumber = whole ? z.int() : float32();
  if (above !== undefined) schema = schema.gt(above);
  if (least !== undefined) schema = schema.min(least);
  if (most !== undefined) schema = schema.max(most);
  if (below !== undefined) schema = schema.lt(below);
  return schema;
}

function intervalOf(bounds: IntervalSetting) {
  return z
    .tuple([numberOf(bounds), numberOf(bounds)])
    .refine(([low, high]) => low <= high, { error: 'a list [low, high] with low not above high' });
}

function listOf({ entries: [fewest, most], ...bounds }: ListSetting) {
  return z.array(numberOf(bounds)).min(fewest).max(most);
}
