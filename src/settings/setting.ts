/**
 * Settings of a part that a recipe can name (a loss, a backbone, an augmentation), described as plain data: default,
 * bounds and meaning. The type of a setting is that of its default. Only the description and the types that follow
 * from it; checking values against it is in this folder's schema. Nothing is imported, so that a loss or a backbone
 * carries no checker with it into a browser.
 */

interface Described {
  /** Meaning, with unit and range; it is shown by `hier train --fields` and in messages. */
  readonly about: string;
}

/** Bounds of a number. */
export interface Bounds {
  /** Only whole numbers. */
  readonly whole?: boolean;
  /** The value must be above this. */
  readonly above?: number;
  /** The value must be at least this. */
  readonly least?: number;
  /** The value must be at most this. */
  readonly most?: number;
  /** The value must be below this. */
  readonly below?: number;
}

/** A number; one whose default is null may be null; one without a default must be given. */
export interface NumberSetting extends Described, Bounds {
  readonly default?: number | null;
}

/** True or false. */
export interface FlagSetting extends Described {
  readonly default: boolean;
}

/** One of several words. */
export interface ChoiceSetting extends Described {
  readonly default: string;
  readonly oneOf: readonly string[];
}

/** Any text of at least one character. */
export interface TextSetting extends Described {
  readonly default: string;
}

/** A text that must be given, or, with the default null, may be null. */
export interface OpenTextSetting extends Described {
  readonly text: true;
  readonly default?: null;
}

/** An interval [low, high] to draw from; bounds hold for both ends. */
export interface IntervalSetting extends Described, Bounds {
  readonly default: readonly [low: number, high: number];
  readonly interval: true;
}

/** A list of numbers; bounds hold for each. */
export interface ListSetting extends Described, Bounds {
  readonly default: readonly number[];
  /** Fewest and most entries. */
  readonly entries: readonly [fewest: number, most: number];
}

/** Settings that are given together or not at all; they are absent by default. */
export interface GroupSetting extends Described {
  readonly settings: Settings;
  readonly default?: undefined;
}

/** One thing that a recipe can set. */
export type Setting =
  | NumberSetting
  | FlagSetting
  | ChoiceSetting
  | TextSetting
  | OpenTextSetting
  | IntervalSetting
  | ListSetting
  | GroupSetting;

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;

/** The value of a setting. */
export type Value<S> = S extends { readonly settings: infer G }
  ? Values<G> | undefined
  : S extends { readonly text: true }
    ? S extends { readonly default: null }
      ? string | null
      : string
    : S extends { readonly oneOf: readonly (infer C)[] }
      ? C
      : S extends { readonly interval: true }
        ? readonly [low: number, high: number]
        : S extends { readonly entries: unknown }
          ? readonly number[]
          : S extends { readonly default: boolean }
            ? boolean
            : S extends { readonly default: string }
              ? string
              : S extends { readonly default?: infer D }
                ? null extends D
                  ? number | null
                  : number
                : number;

/** Names of the settings that are absent by default. */
type Optional<S> = {
  [K in keyof S]: S[K] extends { readonly settings: unknown } ? K : never;
}[keyof S];

/** The values of settings, every default filled in. */
export type Values<S> = { readonly [K in Exclude<keyof S, Optional<S>>]: Value<S[K]> } & {
  readonly [K in Optional<S>]?: Value<S[K]>;
};

/** Values of settings that are known at run time only. */
// biome-ignore lint/suspicious/noExplicitAny: a part's own types say what its values are
export type AnyValues = Readonly<Record<string, any>>;

/** The defaults of settings by name; those without one are left out. */
export function defaultsOf(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, { default: value }]) =>
      value === undefined ? [] : [[key, value]],
    ),
  );
}
