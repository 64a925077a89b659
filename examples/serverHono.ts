/** A shop in Hono with hier's search below /visual-search. Deno and Bun serve what it exports; for Node there is @hono/node-server. */
import { openHandler, pageFolder } from '@hier-ml/hier/server';
import { Hono } from 'hono';

const { TABLE: table = 'tables/shop' } = process.env;
const search = await openHandler({ table, path: '/visual-search', page: pageFolder() });

const app = new Hono();
app.all('/visual-search/*', (context) => search.fetch(context.req.raw));
app.get('/', (context) => context.text('The shop'));
export default app;

export const close = (): Promise<void> => search.close();
