/**
 * Names that an object of JSON has twice. `JSON.parse` keeps the last without a word and other readers the first, so what a
 * person hands over is refused for it; what hier has written itself needs no look.
 */

/** Texts, with the colon behind a name, and the ends of objects. */
const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;

/** The first name that an object of a JSON text has twice; undefined where there is none. The text must be valid. */
export function repeatedName(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, colon] of json.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const name: string = JSON.parse(token.slice(0, -colon.length));
      if (open.at(-1)?.has(name)) return name;
      open.at(-1)?.add(name);
    }
  }
  return undefined;
}

/**
 * The same for the text of one object that was parsed, quickly where it is flat: it then has a colon more for every name that
 * was lost.
 */
export function repeatedNameOf(json: string, value: object): string | undefined {
  let colons = 0;
  for (let at = json.indexOf(':'); at >= 0; at = json.indexOf(':', at + 1)) colons++;
  return colons === Object.keys(value).length ? undefined : repeatedName(json);
}

/** What is said of it, as the rest of a sentence. */
export const saidTwice = (name: string) =>
  `the name ${JSON.stringify(name.slice(0, 80))} is there twice in one object; leave one of them out`;
