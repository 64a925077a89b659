/**
 * Recognises image files by their first bytes. Only what is recognised here is handed to the decoder, so SVG,
 * PDF and other formats that the decoder's library would open never reach it.
 */

/** The formats that are decoded. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif';

/** Format by the first bytes of a file, 12 or more; undefined when it is none of the four. */
export function imageFormat(head: Uint8Array): ImageFormat | undefined {
  const text = latin1(head);
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  return undefined;
}

/** What a file that is none of the four seems to be, as the end of a sentence; empty when unknown. */
export function foreignFormat(head: Uint8Array): string {
  const text = latin1(head);
  const brand = text.slice(4, 12);
  if (brand.startsWith('ftyp')) return /avif|avis/.test(text) ? ' but AVIF' : ' but HEIC or a film';
  if (text.startsWith('II*\0') || text.startsWith('MM\0*')) return ' but TIFF; convert it first';
  if (text.startsWith('BM')) return ' but BMP; convert it first';
  if (text.startsWith('%PDF')) return ' but PDF';
  if (/<svg[\s>]/i.test(text)) return ' but an SVG drawing; render it first';
  if (/^\s*(<!doctype html|<html)/i.test(text)) return ' but a web page, perhaps of a failed download';
  if (text.startsWith('version https://git-lfs')) return ' but a Git LFS pointer; fetch the file itself';
  return '';
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512)).toString('latin1');
}
