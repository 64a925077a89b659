/** A local file in the place of a download: checked as one, and whole or absent under its name. Nothing is fetched here. */
import { dirname } from 'node:path';
import { copyFile, existsSync, mkdirSync, rename, rmSync, statSync, writeFault } from '../../disk/index.js';
import { DataError } from '../../errors.js';
import { type Downloaded, type DownloadOptions, sha256Of } from './download.js';

/**
 * Copies a file, checked before it gets its name; its folder is made when needed.
 * @throws DataError when there is no such file, or it fails its checksum; what `check` throws; HierError when it cannot be
 *   written
 */
export async function copyIn(
  from: string,
  path: string,
  { check, sha256: stated }: Pick<DownloadOptions, 'check' | 'sha256'>,
): Promise<Downloaded> {
  if (!existsSync(from) || !statSync(from).isFile()) throw new DataError(`There is no file ${from}.`);
  check?.(from);
  const sha256 = await sha256Of(from);
  if (stated !== undefined && stated.toLowerCase() !== sha256)
    throw new DataError(`${from} fails its checksum: SHA-256 ${sha256}, expected ${stated.toLowerCase()}.`);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    await copyFile(from, temporary);
    await rename(temporary, path);
  } catch (cause) {
    throw writeFault(path, cause);
  } finally {
    rmSync(temporary, { force: true });
  }
  return { bytes: statSync(path).size, sha256, verified: stated !== undefined };
}
