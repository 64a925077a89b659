/** A shop's own server with hier's search below /visual-search, on Node's http: TABLE=tables/shop node serverNode.js */
import { createServer } from 'node:http';
import { openHandler, pageFolder } from '@hier-ml/hier/server';

const { TABLE: table = 'tables/shop', PORT: port = '3000' } = process.env;
const search = await openHandler({ table, path: '/visual-search', page: pageFolder() });

export const server = createServer((request, response) => {
  search.node(request, response, () => response.end('The shop')); // whatever is not below /visual-search
});
server.listen(Number(port));

export async function close(): Promise<void> {
  server.close();
  await search.close(); // answers what is under way
}
process.once('SIGTERM', close);
