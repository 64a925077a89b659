/** Names of a file as a user is shown them. */
import { shortened } from '../../../errors.js';
import { shownLine } from '../../../shown.js';

/** A name on one line, and no longer than one. */
export const shown = (name: string): string => shownLine(shortened(name, 160));
