/** Figures as files: SVG, and PNG beside it; and images as data URIs for them. */
import { join } from 'node:path';
import { decodeFile } from '../images/decode.js';
import { fitSquare } from '../images/fit.js';
import { loadSharp } from '../images/sharp.js';
import { writeFileAtomic } from '../io/atomic.js';
import { type Drawing, svgDocument } from './svg.js';

/** Pixels of the PNG for each unit of the drawing. */
const DENSITY = 2;

/** Writes `NAME.svg` and `NAME.png` into a folder; returns both paths. */
export async function writeFigure(
  folder: string,
  name: string,
  drawing: Drawing,
): Promise<{ svg: string; png: string }> {
  const paths = { svg: join(folder, `${name}.svg`), png: join(folder, `${name}.png`) };
  const document = svgDocument(drawing);
  writeFileAtomic(paths.svg, `${document}\n`);
  const sharp = await loadSharp();
  const png = await sharp(Buffer.from(document), { density: 72 * DENSITY, unlimited: true })
    .png({ compressionLevel: 9 })
    .toBuffer();
  writeFileAtomic(paths.png, png);
  return paths;
}

/** An image file as a small square PNG on white, as a data URI. Throws DataError for one that cannot be read. */
export async function thumbnailUri(path: string, side: number): Promise<string> {
  const { data } = fitSquare(await decodeFile(path), side, { fit: 'contain' });
  const sharp = await loadSharp();
  const png = await sharp(Buffer.from(data), { raw: { width: side, height: side, channels: 3 } })
    .png({ compressionLevel: 9, palette: true, colours: 64 })
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
