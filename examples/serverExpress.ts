/** A shop in Express with hier's search below /visual-search: TABLE=tables/shop node serverExpress.js */
import { openHandler, pageFolder } from '@hier-ml/hier/server';
import express from 'express';

const { TABLE: table = 'tables/shop', PORT: port = '3000' } = process.env;
const search = await openHandler({ table, page: pageFolder() });

const app = express();
app.use('/visual-search', search.node); // before what reads bodies, such as express.json()
app.use(express.json());
app.get('/', (_, response) => void response.send('The shop'));
export const server = app.listen(Number(port));

export async function close(): Promise<void> {
  server.close();
  await search.close(); // answers what is under way
}
process.once('SIGTERM', close);
