/** Which texts of an item are addresses on the web. What may be asked of them is decided by those who ask. */

/** Whether the picture that an item names is an address, of which a copy may be kept, and not a file. */
export const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text);
