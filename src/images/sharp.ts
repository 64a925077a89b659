/**
 * sharp, loaded when the first picture is decoded or drawn: importing hier loads no library for pictures. Threads whose only
 * work is pictures import it themselves.
 */
import type sharp from 'sharp';

/** The library. */
export async function loadSharp(): Promise<typeof sharp> {
  return (await import('sharp')).default;
}
