/** The report of a run as one page: everything inside it, nothing fetched, readable without a script. */
import { type Drawing, svgDocument } from '../svg.js';
import { type Html, type HtmlPart, html, htmlTable, trusted } from './html.js';
import { STYLE } from './style.js';

/** A table of the report. */
export interface ReportTable {
  readonly caption: string;
  readonly columns: readonly { readonly title: string; readonly right?: boolean }[];
  readonly rows: readonly (readonly HtmlPart[])[];
}

/** A part of the report under its own heading. */
export interface ReportSection {
  /** Fragment of the address, letters and dashes. */
  readonly id: string;
  readonly title: string;
  readonly paragraphs?: readonly string[] | undefined;
  readonly tables?: readonly ReportTable[] | undefined;
  readonly figures?: readonly Drawing[] | undefined;
  /** HTML after the figures. */
  readonly more?: Html | undefined;
}

/** What a report says. */
export interface Report {
  readonly title: string;
  readonly subtitle: string;
  /** The numbers that matter most. */
  readonly key: readonly { readonly value: string; readonly meaning: string }[];
  readonly notes: readonly string[];
  readonly sections: readonly ReportSection[];
}

/** The page. */
export function reportPage({ title, subtitle, key, notes, sections }: Report): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body><main>
<h1>${title}</h1>
<p class="faint">${subtitle}</p>
<nav>${sections.map(({ id, title: name }) => html`<a href="#${id}">${name}</a>`)}</nav>
<div class="key">${key.map(({ value, meaning }) => html`<div><b>${value}</b><span>${meaning}</span></div>`)}</div>
${notes.map((note) => html`<p class="note">${note}</p>`)}
${sections.map(section)}
</main></body></html>
`;
  return page.html;
}

function section({ id, title, paragraphs = [], tables = [], figures = [], more }: ReportSection): Html {
  return html`<section id="${id}"><h2>${title}</h2>
${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}
${tables.map(({ caption, columns, rows }) => htmlTable(columns, rows, caption))}
${figures.map((figure) => html`<figure>${trusted(svgDocument(figure))}</figure>`)}
${more ?? null}
</section>
`;
}
