/** What a service has to say of a failure in its log: errors for users in their own words, defects with where they arose. */
import { HierError } from '../errors.js';

/** A failure as the log has it. */
export function failureLine(error: unknown): string {
  if (error instanceof HierError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
