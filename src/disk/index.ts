/**
 * The one door to the file system: Node's functions by their own names, with errors for users, and plain files alone
 * where a file is read. Nothing else in hier imports `node:fs`. What is in the files is for others.
 */
export { codeOf, ReadFault, readFault, reasonOf, shownPath, WriteFault, writeFault } from './fault.js';
export { type ListedFile, listedFiles, NOT_PLAIN } from './listedPaths.js';
export { copyFile, type FileHandle, open, readFile, rename, stat, writeFile } from './promises.js';
export {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statfsSync,
  statSync,
} from './reading.js';
export {
  accessSync,
  chmodSync,
  copyFileSync,
  cpSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from './writing.js';
