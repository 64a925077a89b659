/**
 * hier's search in Next, below /visual-search. This is the file app/visual-search/[[...path]]/route.ts; next.config.js needs
 * serverExternalPackages: ['@hier-ml/hier'], since the package has threads and native parts of its own.
 */
import { type Handler, openHandler, pageFolder } from '@hier-ml/hier/server';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

const kept = globalThis as { search?: Promise<Handler> | undefined }; // one for all reloads while you develop

function search(): Promise<Handler> {
  const { TABLE: table = 'tables/shop' } = process.env;
  kept.search ??= openHandler({ table, path: '/visual-search', page: pageFolder() }).catch((error) => {
    kept.search = undefined; // the next request tries again
    throw error;
  });
  return kept.search;
}

const answer = async (request: Request): Promise<Response> => (await search()).fetch(request);

export { answer as GET, answer as HEAD, answer as OPTIONS, answer as POST };
