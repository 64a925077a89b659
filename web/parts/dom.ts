/** Elements of the page, made in one expression. Text stays text: nothing given here is read as HTML. */

type Child = Node | string | null;

/** An element with attributes (a function `on…` is a listener, false and null leave one out, true is empty) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number | boolean | null | ((event: never) => void)>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value !== null && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The element of an id that the page has. */
export function the<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Says something in the status line. */
export function say(text: string): void {
  the('status').textContent = text;
}

/** A square of a colour. */
export function swatch(colour: string): HTMLElement {
  const square = h('span', { class: 'swatch', 'aria-hidden': 'true' });
  square.style.background = colour;
  return square;
}

/**
 * Puts other children into an element. The focus stays with what has the same `data-key` as what had it; where that is gone,
 * it goes to the element's heading, so that who uses keys does not begin at the top of the page again.
 */
export function refill(box: HTMLElement, ...children: readonly Child[]): void {
  const focused = document.activeElement;
  const isInside = focused !== null && focused !== box && box.contains(focused);
  const key = isInside ? (focused as HTMLElement).dataset.key : undefined;
  box.replaceChildren(...children.filter((child) => child !== null));
  if (!isInside || box.contains(document.activeElement)) return;
  const all = [...box.querySelectorAll<HTMLElement>('[data-key]')];
  const same = key === undefined ? undefined : all.find((one) => one.dataset.key === key);
  const next = same ?? box.querySelector<HTMLElement>('h2');
  if (next?.tagName === 'H2') next.tabIndex = -1;
  next?.focus({ preventScroll: true });
}

/** Offers text as a file to download. */
export function saveText(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = h('a', { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
