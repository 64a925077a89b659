/**
 * A second table beside the one that is served, for a page that shows both: what can be asked of it stands below `/beside`. Its
 * service is opened and closed by that of the first.
 */
import { HttpError } from './http.js';
import type { Route } from './routes.js';

/** What can be asked of the table beside, by the routes of the first. */
export function besideRoutes(routes: readonly Route[]): Route[] {
  return routes
    .filter(({ path, isFree }) => path.startsWith('/api/') && !isFree)
    .map((route) => ({
      ...route,
      path: `/beside${route.path}`,
      async handle({ beside }, asked) {
        if (!beside) throw new HttpError(404, 'This server has no table beside its own.');
        return route.handle(beside, asked);
      },
    }));
}
