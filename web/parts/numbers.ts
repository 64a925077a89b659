/** Numbers as the page writes them. */

const separated = new Intl.NumberFormat('en'); // kept: making one costs as much as writing a hundred numbers

/** A whole number with separators: 1234 as 1,234. */
export const whole = (value: number) => separated.format(value);
