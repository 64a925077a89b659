/**
 * Packages that hier can use and does not bring along: loaded when something first needs them, and one message that
 * says how to get them. Which package does what is for those who use it.
 */
import { HierError, UsageError } from '../errors.js';

/** Packages that are loaded together. */
export interface OptionalPackages {
  /** The beginning of a sentence that goes on with the packages: "Tables in PostgreSQL need". */
  readonly purpose: string;
  /** Their names, as they are imported. */
  readonly names: readonly string[];
  /** Versions to install where not just any will do, by name. */
  readonly versions?: Readonly<Record<string, string>>;
  /** The way without them, a sentence. */
  readonly otherwise?: string;
}

/**
 * What `load` imports.
 * @throws UsageError with the command that installs the packages when one is missing; HierError when one is there and
 * does not work on this machine
 */
export async function loadOptional<T>(packages: OptionalPackages, load: () => Promise<T>): Promise<T> {
  const { purpose, names, otherwise } = packages;
  const without = otherwise === undefined ? '' : ` ${otherwise}`;
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const [is, it] = names.length > 1 ? ['are', 'them'] : ['is', 'it'];
    if (code === 'ERR_MODULE_NOT_FOUND' && names.some((name) => message.includes(`'${name}'`)))
      throw new UsageError(
        `${purpose} the ${listOf(names)}, which ${is} not installed with hier. Install ${it} beside it: ${installCommand(packages)}${without}`,
        { cause },
      );
    if (cause instanceof HierError) throw cause;
    throw new HierError(
      `${purpose} the ${listOf(names)}, which cannot be loaded on this machine: ${message.replace(/\.$/, '')}.${without}`,
      { cause },
    );
  }
}

/** Whether `load` can import what it wants. */
export function isLoadable(load: () => Promise<unknown>): Promise<boolean> {
  return load().then(
    () => true,
    () => false,
  );
}

/** The command that installs some packages. */
export function installCommand({ names, versions = {} }: OptionalPackages): string {
  const wanted = names.map((name) => (name in versions ? `${name}@${versions[name]}` : name));
  return `npm install ${wanted.join(' ')}`;
}

const listOf = (names: readonly string[]) =>
  names.length > 1 ? `packages ${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : `package ${names[0]}`;
