// A reporter of node:test that prints one line of JSON for every test, or suite, that was left out: its name, its file and
// why. scripts/check.mjs says in the end what was not tested.
/** @param {AsyncIterable<{ type: string, data: { name: string, file?: string, skip?: string | boolean } }>} events */
export default async function* untested(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' || data.skip === undefined) continue;
    const { name, file = '', skip } = data;
    yield `${JSON.stringify({ name, file, why: skip === true ? 'no reason is given' : skip })}\n`;
  }
}
