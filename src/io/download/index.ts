/** Files over HTTP, or copied from a disk in its place: whole or absent, resumed, held against a checksum. */
export { isAddress } from './address.js';
export { copyIn } from './copyIn.js';
export { type Downloaded, type DownloadOptions, download, sha256Of } from './download.js';
export { type Fetching, fetchingAlone } from './fetching.js';
