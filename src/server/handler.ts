/**
 * A table as a handler of requests: what `hier serve` listens with, and what an application mounts among its own routes. It
 * opens no port, and handles no signal of the process.
 */
import type { IndexState } from '../store/store.js';
import type { TableModelChoice } from '../tables/model.js';
import { type AccessOptions, createAccess } from './access/access.js';
import type { Context } from './answer.js';
import { besideRoutes } from './beside.js';
import { createBodies } from './bodies.js';
import { createGates } from './gate.js';
import { errorReply, HttpError } from './http.js';
import { createMetrics } from './metrics.js';
import { follows, type NodeHandler, nodeHandler } from './mount/node.js';
import { openRequests } from './mount/openRequests.js';
import { mountPath } from './mount/place.js';
import { type WebHandler, webHandler } from './mount/web.js';
import { withDocument } from './openapi.js';
import type { AllowedOptions } from './pictures/allowed.js';
import { treeReply } from './replies.js';
import { ROUTES } from './routes.js';
import { openService } from './service.js';
import { staticFiles } from './static.js';

/** Options of {@link openHandler}. */
export interface HandlerOptions extends TableModelChoice, AllowedOptions, AccessOptions {
  readonly table: string;
  /** What to call the table on the page. Default: by its name and its model. */
  readonly title?: string | undefined;
  /** A table that the page shows beside it, such as one of another run over the same items. Default none. */
  readonly beside?: string | undefined;
  /**
   * Path that everything is below, such as `/visual-search`. Default: the root, or where a framework such as Express has put
   * the handler.
   */
  readonly path?: string | undefined;
  /** Folder of the page, see `pageFolder`. Default: no page, the API alone. */
  readonly page?: string | undefined;
  /** Largest image, bytes. Default 20 MiB. A body of JSON may have 1 MiB, whatever this says. */
  readonly mostBytes?: number;
  /** Largest image, pixels, and the longest side that one may have. Default 40 million, and 20,000. */
  readonly mostPixels?: number;
  readonly mostSide?: number;
  /** Searches at work, and waiting; beyond these a request is answered 503. Default 4 and 64. */
  readonly running?: number;
  readonly waiting?: number;
  /** Version of hier. Default "0". */
  readonly version?: string;
  /** Told what went wrong inside, for the log. Default: a warning of the process. */
  readonly onFailure?: (error: unknown) => void;
}

/** What a table is opened with, and how it was found. */
interface Opened {
  /** How its table is searched. */
  readonly index: IndexState;
  /** What the table lacks or has damaged, in sentences, with the way out; empty for a sound one. */
  readonly problems: readonly string[];
}

/** A table that answers requests. */
export interface Handler extends Opened {
  /** For Node's http and Express. */
  readonly node: NodeHandler;
  /** For Hono, Next, Deno, Bun and all that has `Request` and `Response`. */
  readonly fetch: WebHandler;
  /** Refuses further requests, answers all that are under way, and frees everything: at most 10 s. Safe to repeat. */
  close(): Promise<void>;
}

/** Largest body of JSON, and room for all such bodies at once, bytes. */
const JSON_BYTES = 2 ** 20;
const JSON_ROOM = 64 * JSON_BYTES;
/** Room for so many of the largest images at once. */
const IMAGES_AT_ONCE = 12;

/**
 * Opens a table for an application. All protection of the table is there: limits of bodies and their patience, gates, turns of the
 * event loop, keys and rates. What concerns connections, such as slow headers, is for the server of the application.
 * @throws UsageError for options that cannot be; as `openTable` does
 */
export async function openHandler(options: HandlerOptions): Promise<Handler> {
  const { context, index, problems } = await openContext(options, null);
  const open = openRequests();
  let closed: Promise<void> | undefined;
  return {
    index,
    problems,
    node: nodeHandler(context, follows(open)),
    fetch: webHandler(context, open),
    close() {
      closed ??= open.close().then(context.service.close);
      return closed;
    },
  };
}

/**
 * What requests are answered with, once all that takes long has been made. `host`: address that the server listens on; null
 * where an application listens. The caller closes its service.
 */
export async function openContext(
  options: HandlerOptions,
  host: string | null,
): Promise<Opened & { readonly context: Context }> {
  const { running = 4, waiting = 64, version = '0', page, onFailure = warn } = options;
  const path = mountPath(options.path);
  const access = createAccess(host, options);
  const gates = createGates(running, waiting);
  const bytes = options.mostBytes ?? 20 * 2 ** 20;
  const metrics = createMetrics();
  const service = await openService({
    table: options.table,
    title: options.title,
    beside: options.beside,
    pictures: options.pictures,
    pictureHosts: options.pictureHosts,
    model: options.model,
    modelOutput: options.modelOutput,
    most: { pixels: options.mostPixels ?? 40e6, side: options.mostSide ?? 20_000 },
    gates,
    metrics,
    onFailure,
  });
  const context: Context = {
    ...{ path, access, gates, metrics, service, onFailure },
    routes: [...withDocument(ROUTES, { version, needsKey: access.needsKey }), ...besideRoutes(ROUTES)],
    files: page === undefined ? () => undefined : staticFiles(page),
    bodies: {
      json: createBodies({ room: JSON_ROOM }),
      bytes: createBodies({ room: IMAGES_AT_ONCE * bytes }),
    },
    most: { json: JSON_BYTES, bytes },
    nothing: () =>
      errorReply(new HttpError(404, `There is nothing here. What there is lies below ${path}/.`)),
  };
  try {
    // Whoever comes first is not to wait for what takes seconds with many items.
    await service.store.warm();
    const index = await service.index();
    const tree = await service.tree();
    if (tree) treeReply(tree);
    if (page !== undefined) await service.points();
    return { context, index, problems: service.problems() };
  } catch (error) {
    await service.close();
    throw error;
  }
}

const warn = (error: unknown) => process.emitWarning(error instanceof Error ? error : String(error));
