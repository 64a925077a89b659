/** What is known of an item, as a list of names and values. Addresses on the web are links, and nothing else is. */
import {
  type Fact,
  type Facts,
  linkColumn,
  readableName,
  readableValue,
  webAddress,
} from '../data/columns.js';
import { h } from './dom.js';

/** Most characters of the text of a link. */
const LONGEST = 40;

/** The list; null where nothing is known. Columns without a value are left out, and those of `shown`, which stand elsewhere. */
export function factList(facts: Facts, shown: readonly (string | undefined)[]): HTMLElement | null {
  const rows = Object.entries(facts).filter(
    ([name, value]) => value !== null && value !== '' && !shown.includes(name),
  );
  if (rows.length === 0) return null;
  return h(
    'dl',
    { class: 'columns' },
    ...rows.flatMap(([name, value]) => [
      h('dt', { title: name }, readableName(name)),
      h('dd', {}, factValue(value as Exclude<Fact, null>)),
    ]),
  );
}

/** The link of an item; null where it has none. */
export function itemLink(facts: Facts): HTMLElement | null {
  const name = linkColumn(facts);
  const url = name === undefined ? null : webAddress(facts[name]);
  return url && h('p', {}, webLink(url, url.host.replace(/^www\./, '')));
}

function factValue(value: Exclude<Fact, null>): HTMLElement | string {
  const url = webAddress(value);
  return url ? webLink(url, linkText(url)) : readableValue(value);
}

/** A link out of the page, which tells the other side nothing of it. */
function webLink(url: URL, text: string): HTMLElement {
  const rel = 'noopener noreferrer nofollow';
  return h(
    'a',
    { href: url.href, target: '_blank', rel, title: url.href, 'data-key': url.href },
    `${text} ↗`,
  );
}

function linkText({ host, pathname, search }: URL): string {
  const text = `${host.replace(/^www\./, '')}${pathname === '/' ? '' : pathname}${search}`;
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
