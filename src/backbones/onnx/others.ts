/** What a network asks for beside images, and what to do about it. */
import { shown } from './file/shownName.js';
import { type StoredInfo, typeName } from './file/types.js';

const INTEGERS = [2, 3, 4, 5, 6, 7, 12, 13];

/** Whether an input is one of a network for text: rows of whole numbers. */
export const takesText = ({ name, type, dims }: StoredInfo): boolean =>
  INTEGERS.includes(type) && (dims?.length === 2 || /ids|token|attention_mask/i.test(name));

/** An input or output as it is named to a user: name, element type and dimensions. */
export function inputText({ name, kind, type, dims }: StoredInfo): string {
  const own = `"${shown(name)}"`;
  if (kind !== 'tensor') return `${own} (${kind === 'unknown' ? 'of no type' : `${kind}, not a tensor`})`;
  return `${own} ${typeName(type)} [${dims?.map((n) => shown(String(n ?? '?'))).join(', ') ?? 'of any shape'}]`;
}

/** Why nothing of a network can be had, given the inputs beside the images that all of it needs. */
export function whyOthers(others: readonly StoredInfo[]): string {
  const start = `what it gives needs other inputs than images: ${others.map(inputText).join(', ')}`;
  if (others.some(takesText))
    return `${start}. Take the file of the vision part, usually onnx/vision_model.onnx`;
  if (others.some(({ dims }) => dims?.length === 4)) return `${start}. Export the part that embeds one image`;
  return `${start}. A network is given images alone: export it with a fixed value in their place`;
}
