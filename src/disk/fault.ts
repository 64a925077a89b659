/**
 * What the file system refuses, as sentences: which file, what is wrong with it, and what to do. Every way of reading or
 * writing in this room ends here when it fails, so that no system error reaches a user as it came.
 */
import { DataError, HierError, shortened } from '../errors.js';
import { shownLine } from '../shown.js';

/** A file or folder that could not be read. `code` is the system's own, such as ENOENT. */
export class ReadFault extends DataError {
  readonly code: string;
  /** The path that was asked for. */
  readonly path: string;
  /** What is wrong and what to do, as the rest of a sentence. */
  readonly reason: string;

  constructor(path: string, code: string, reason: string, cause?: unknown) {
    super(`Could not read ${shownPath(path)}: ${reason}.`, { cause });
    this.code = code;
    this.path = path;
    this.reason = reason;
  }
}

/** A file or folder that could not be written, moved or removed. `code` is the system's own, such as ENOSPC. */
export class WriteFault extends HierError {
  readonly code: string;
  /** The path that was asked for. */
  readonly path: string;
  /** What is wrong and what to do, as the rest of a sentence. */
  readonly reason: string;

  constructor(path: string, code: string, reason: string, cause?: unknown) {
    super(`Could not write ${shownPath(path)}: ${reason}. Nothing half-written was left.`, { cause });
    this.code = code;
    this.path = path;
    this.reason = reason;
  }
}

const BOTH: Readonly<Record<string, string>> = {
  EBUSY: 'another program holds it (EBUSY); close that and run the same command again',
  EDQUOT: 'the disk quota is used up; free some room and run the same command again',
  EIO: 'the disk reports an error of its own (EIO); check the disk or the network share, and copy what is still readable',
  ELOOP: 'it is a link that leads back to itself (ELOOP); remove the link, or let it point to a file',
  EMFILE:
    'too many files are open (EMFILE); raise the limit with "ulimit -n 4096" and run the same command again',
  ENAMETOOLONG: 'the name is longer than this file system allows (ENAMETOOLONG); use a shorter one',
  ENFILE: 'the system has too many open files (ENFILE); close some programs and run the same command again',
  ENOMEM: 'the system is out of memory (ENOMEM); close some programs and run the same command again',
  ENOSPC: 'the disk is full; free some room and run the same command again',
  ENOTDIR: 'a part of that path is a file, not a folder',
  ENOTFILE: 'it is a device, a named pipe or a socket, not a plain file; name a file',
  ESTALE: 'the network share has changed underneath (ESTALE); mount it again',
  ERR_INVALID_ARG_VALUE: 'that is not a path: it holds a character that no path can have (NUL)',
};

const READING: Readonly<Record<string, string>> = {
  ...BOTH,
  EACCES: 'no permission to read it (EACCES); change its rights, or run as a user who may read it',
  EISDIR: 'it is a folder, not a file',
  ENOENT: 'there is no such file or folder',
  EPERM: 'the system does not permit to read it (EPERM); change its rights, or run as a user who may read it',
  EROFS: 'that file system is read-only (EROFS)',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB, more than can be read at once; split it',
  ERR_STRING_TOO_LONG: 'it is longer than 512 MiB, more than a text can be; split it',
};

const WRITING: Readonly<Record<string, string>> = {
  ...BOTH,
  EACCES: 'no permission to write there; choose another folder with --out',
  EEXIST: 'a file of that name is in the way',
  EISDIR: 'a folder of that name is in the way',
  EFBIG: 'that would be larger than this file system, or "ulimit -f", allows (EFBIG)',
  ENOENT: 'a folder that should hold it is not there any more',
  ENOTEMPTY: 'that folder is not empty',
  EPERM: 'the system does not permit to write there (EPERM); choose another folder with --out',
  EROFS: 'that file system is read-only; choose another folder with --out',
  ETXTBSY: 'it is a program that runs (ETXTBSY); stop it and run the same command again',
  EXDEV: 'it would have to move to another disk (EXDEV); choose a folder on the same disk',
};

/** A failed read of `path` as an error for users; what no system call raised is passed on. */
export const readFault = (path: string, cause: unknown): Error =>
  asFault(path, cause, (code, reason) => new ReadFault(path, code, reason, cause), READING);

/** A failed write of `path` as an error for users; what no system call raised is passed on. */
export const writeFault = (path: string, cause: unknown): Error =>
  asFault(path, cause, (code, reason) => new WriteFault(path, code, reason, cause), WRITING);

/** The system's code of an error that this room or Node raised, such as ENOENT; undefined for others. */
export function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** What an error says, as the rest of a sentence that has named the file already. */
export function reasonOf(error: unknown): string {
  if (error instanceof ReadFault || error instanceof WriteFault) return error.reason;
  return error instanceof Error ? error.message : String(error);
}

function asFault(
  path: string,
  cause: unknown,
  make: (code: string, reason: string) => Error,
  reasons: Readonly<Record<string, string>>,
): Error {
  // Who knows the path that a user gave says so: what was tried may have been a temporary name.
  if (cause instanceof ReadFault || cause instanceof WriteFault) {
    const isSaid = cause.path === path && cause instanceof WriteFault === (reasons === WRITING);
    return isSaid || cause.cause === undefined ? cause : asFault(path, cause.cause, make, reasons);
  }
  if (cause instanceof HierError) return cause;
  const raised = codeOf(cause);
  if (raised === undefined) return cause as Error;
  // What Node finds out before it asks the system has codes of its own, such as ERR_FS_EISDIR and ERR_FS_CP_EEXIST.
  const code = raised in reasons ? raised : raised.replace(/^ERR_FS_(CP_)?(?=E[A-Z]+$)/, '');
  // Node's own complaints about arguments are defects of the caller, unless they are about the path.
  if (!(code in reasons) && !/^(E[A-Z0-9]+|ERR_FS_\w+)$/.test(code)) return cause as Error;
  if (code === 'ERR_INVALID_ARG_VALUE' && !path.includes('\0')) return cause as Error;
  return make(code, Object.hasOwn(reasons, code) ? reasons[code] : `the system refused it (${code})`);
}

const MOST_SHOWN = 240;

/** A path as it can be printed: on one line, its middle left out when it is long. */
export const shownPath = (path: string): string => shortened(shownLine(path), MOST_SHOWN);
