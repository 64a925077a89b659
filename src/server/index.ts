/** A table as a service over HTTP, and the explorer's page over it or as files of its own. */
export {
  type ExportedPage,
  type ExportPageOptions,
  exportPage,
} from './exportPage.js';
export type { LargePictures } from './exportPictures.js';
export { pageFolder } from './page.js';
export type { AllowedOptions } from './pictures/allowed.js';
export { type RunningServer, type ServerOptions, startServer } from './server.js';
