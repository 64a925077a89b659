/**
 * HTML as text that is safe by construction: what is put into a template is escaped, unless it is HTML already.
 */
import { escapeXml } from '../svg.js';

/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

/** What a template takes: text is escaped, HTML and lists of it are taken as they are. */
export type HtmlPart = string | number | Html | readonly Html[] | null;

/** A template: html`<p>${text}</p>`. Attributes must stand in quotes. */
export function html(literals: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  const written = literals.map((literal, i) => literal + (i < parts.length ? render(parts[i]) : ''));
  return { html: written.join('') };
}

/** Text that is known to be HTML, such as an SVG of our own. */
export function trusted(text: string): Html {
  return { html: text };
}

function render(part: HtmlPart): string {
  if (part === null) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeXml(String(part));
  if ('html' in part) return part.html;
  return part.map((one) => one.html).join('');
}

/** A column of a table. */
export interface HtmlColumn {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly right?: boolean;
}

/** A table that scrolls by itself where it is wider than the page. */
export function htmlTable(
  columns: readonly HtmlColumn[],
  rows: readonly (readonly HtmlPart[])[],
  caption?: string,
): Html {
  const cell = (tag: 'td' | 'th', part: HtmlPart, { right = false }: HtmlColumn) =>
    right
      ? html`${trusted(`<${tag} class="n">`)}${part}${trusted(`</${tag}>`)}`
      : html`${trusted(`<${tag}>`)}${part}${trusted(`</${tag}>`)}`;
  return html`<div class="scroll"><table>${caption === undefined ? null : html`<caption>${caption}</caption>`}
<thead><tr>${columns.map((column) => cell('th', column.title, column))}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${row.map((part, i) => cell('td', part, columns[i]))}</tr>
`,
  )}</tbody></table></div>`;
}
