/** `hier tree --export`: a tree as a file for other tools, or as folders of contact sheets. */
import { UsageError } from '../../../errors.js';
import { toDot, toJson, toNewick, unfolded } from '../../../hierarchy/index.js';
import { requireWritable, writeFileAtomic } from '../../../io/atomic.js';
import { writeTreeFolder } from '../../../runs/tree/sheets.js';
import { counted } from '../../../shown.js';
import { noteLine, print, progress, say, writeDocument } from '../../output.js';
import { type PrintableTree, printableTree, type SourceOptions } from './source.js';

/** What a tree is exported as. */
export type Format = 'json' | 'newick' | 'dot' | 'folder';

/** Names of the formats. */
export const FORMATS: readonly Format[] = ['json', 'newick', 'dot', 'folder'];

/** Options of an export. */
export interface ExportOptions extends SourceOptions {
  lines: number;
  out?: string;
}

/** Makes the tree of a source and writes it. */
export async function exportTree(source: string, options: ExportOptions, format: Format): Promise<void> {
  const { out, lines, json } = options;
  if (format === 'folder' && out === undefined)
    throw new UsageError('A folder of contact sheets needs a name: --out FOLDER.');
  if (out !== undefined && format !== 'folder') requireWritable(out);
  const tree = await printableTree(source, options);
  for (const note of tree.notes) say(noteLine(note));
  say(noteLine(tree.choice.sentence));
  if (format === 'folder') {
    await exportFolder(source, tree, { out: out!, lines, json });
    return;
  }
  const text = textOf(tree, format, lines);
  if (out === undefined) writeDocument(text);
  else {
    writeFileAtomic(out, text);
    print(json, { file: out }, `The tree is in ${out}.`);
  }
}

function textOf(
  { hierarchy, document }: PrintableTree,
  format: Exclude<Format, 'folder'>,
  lines: number,
): string {
  if (format === 'json') return `${toJson(document)}\n`;
  if (format === 'newick') return `${toNewick(hierarchy)}\n`;
  const open = unfolded(hierarchy, lines);
  return toDot(hierarchy, ({ id, parent }) => open.has(id) || (parent !== null && open.has(parent)));
}

async function exportFolder(
  source: string,
  { hierarchy, head, paths, attribution }: PrintableTree,
  { out, lines, json }: { readonly out: string; readonly lines: number; readonly json: boolean | undefined },
): Promise<void> {
  if (!paths)
    throw new UsageError(
      `The items of ${source} are feature vectors, which have no pictures: export json, newick or dot.`,
    );
  const sheets = await writeTreeFolder(out, hierarchy, {
    paths,
    folders: lines,
    subtitle: head,
    attribution,
    onProgress: progress('drawing sheets'),
  });
  print(
    json,
    { folder: out, sheets },
    `${counted(sheets.length, 'contact sheet')} in ${out}; the first: ${sheets[0]}`,
  );
}
