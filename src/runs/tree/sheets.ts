/**
 * A hierarchy as nested folders of contact sheets, to be looked at in any file manager: a folder a node, in it a
 * picture with a row a child. Folders go as deep as the tree is unfolded.
 */

import { join } from 'node:path';
import { existsSync, readdirSync, statSync } from '../../disk/index.js';
import { UsageError } from '../../errors.js';
import type { Hierarchy, HierarchyNode } from '../../hierarchy/describe.js';
import { treeOutline, unfolded } from '../../hierarchy/fold.js';
import { cutName } from '../../hierarchy/names/cut.js';
import { type ContactSheetRow, writeContactSheet } from '../../images/contactSheet.js';
import { writeFileAtomic } from '../../io/atomic.js';

/** Options of {@link writeTreeFolder}. */
export interface TreeFolderOptions {
  /** Image file of every item. */
  readonly paths: readonly string[];
  /** Folders to make, about. Default 40. */
  readonly folders?: number;
  /** Line under the titles, such as where the images are from. */
  readonly subtitle?: string;
  /** Names and licences of the authors of the images. */
  readonly attribution?: readonly string[];
  /** Called after every sheet. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Rows of a sheet, and pictures in a row beside the first. */
const SHEET = { rows: 30, columns: 8 };
const LEGEND = {
  query: 'most central image of a branch',
  unknown: 'others of the branch, most central first',
};

/**
 * Writes the folders. `folder` must not exist or be empty.
 * @returns the sheets that were written, the root's first
 */
export async function writeTreeFolder(
  folder: string,
  hierarchy: Hierarchy,
  { paths, folders = 40, subtitle, attribution = [], onProgress }: TreeFolderOptions,
): Promise<string[]> {
  if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0))
    throw new UsageError(`${folder} is a file, or not empty. Name a new folder for the tree.`);
  const { nodes } = hierarchy;
  const open = unfolded(hierarchy, folders);
  const root = nodes[nodes.length - 1];
  const queue: { node: HierarchyNode; place: string }[] = [{ node: root, place: folder }];
  const written: string[] = [];
  for (const { node, place } of queue) {
    const inner = node.children
      .map((child) => nodes[child])
      .sort((a, b) => b.members.length - a.members.length || a.id - b.id);
    const sheet = join(place, 'sheet.png');
    await writeContactSheet(sheet, rowsOf(hierarchy, inner, paths), {
      title: `${node.label} · ${node.members.length}`,
      subtitle,
      thumbnail: 72,
      legend: LEGEND,
    });
    written.push(sheet);
    onProgress?.(written.length, open.size);
    inner.forEach((child, i) => {
      if (open.has(child.id)) queue.push({ node: child, place: join(place, folderName(child, i + 1)) });
    });
  }
  writeFileAtomic(join(folder, 'tree.txt'), `${treeOutline(hierarchy, { lines: folders })}\n`);
  if (attribution.length > 0) writeFileAtomic(join(folder, 'attribution.txt'), `${attribution.join('\n')}\n`);
  return written;
}

/** A row a child: its most central image, then images of its most central leaves. */
function rowsOf(
  { nodes }: Hierarchy,
  children: readonly HierarchyNode[],
  paths: readonly string[],
): ContactSheetRow[] {
  const nameOf = new Map(
    nodes.flatMap(({ children: below, exemplars, label }) =>
      below.length > 0 ? [] : exemplars.map((item) => [item, label] as const),
    ),
  );
  return children.slice(0, SHEET.rows).map(({ label, members, exemplars }) => ({
    query: {
      path: paths[exemplars[0]],
      caption: members.length > 1 ? `${members.length} · ${label}` : label,
    },
    results: [
      ...exemplars.slice(1).map((item) => ({ item, caption: members.length > 1 ? nameOf.get(item)! : '' })),
      ...members.slice(0, SHEET.columns).flatMap((leaf) => {
        const [item] = nodes[leaf].exemplars;
        return exemplars.includes(item) ? [] : [{ item, caption: nodes[leaf].label }];
      }),
    ]
      .slice(0, SHEET.columns)
      .map(({ item, caption }) => ({ path: paths[item], caption })),
  }));
}

/** A name that every file system takes: number, label, count. */
function folderName({ label, members }: HierarchyNode, number: number): string {
  const plain = label
    .replace(/[^\p{L}\p{N} ._-]+/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  const short = cutName(plain, 40).replace(/[.… ]+$/, '');
  return `${String(number).padStart(2, '0')} ${short} (${members.length})`;
}
