/** Printers' JPEGs of four channels, brought to RGB as PIL does it: without a colour profile. */

/** Whether the bytes are a JPEG whose frame header declares four components (CMYK or YCCK). */
export function isCmykJpeg(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return false;
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1];
    if (marker === 0xff) at++;
    else if (isFrameHeader(marker)) return bytes[at + 9] === 4;
    else if (marker === 0xda) return false;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + bytes[at + 2] * 256 + bytes[at + 3];
  }
  return false;
}

/**
 * Bytes `[pixels, 4]` of cyan, magenta, yellow, black (255 = full ink) to RGB `[pixels, 3]` by
 * (255 - K)(255 - C) / 255 in integers, with the rounding of PIL's Convert.c.
 */
export function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4) {
    const white = 255 - cmyk[from + 3];
    for (let channel = 0; channel < 3; channel++) {
      const ink = cmyk[from + channel] * white + 128;
      rgb[to++] = Math.max(0, white - (((ink >> 8) + ink) >> 8));
    }
  }
  return rgb;
}

/** SOF0 to SOF15, without the markers of that range that mean something else (DHT, JPG, DAC). */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
