/** A table as a service over HTTP, and the explorer's page over it or as files of its own. */

export type { AccessOptions } from './access/access.js';
export {
  type ExportedPage,
  type ExportPageOptions,
  exportPage,
} from './exportPage.js';
export { type Handler, type HandlerOptions, openHandler } from './handler.js';
export type { NodeHandler } from './mount/node.js';
export type { WebDetails, WebHandler } from './mount/web.js';
export { pageFolder } from './page.js';
export type { AllowedOptions } from './pictures/allowed.js';
export { type RunningServer, type ServerOptions, startServer } from './server.js';
