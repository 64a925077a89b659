/** The kinds of numbers that a recipe is made of. */
import { z } from 'zod';
import { float32 } from '../settings/index.js';

/** A number above 0. */
export const above0 = () => float32().positive();
/** A number from 0 up. */
export const atLeast0 = () => float32().nonnegative();
/** A whole number from 1 up. */
export const count = () => z.int().min(1).max(1_000_000_000);
/** A number from 0 to 1. */
export const fraction = () => float32().min(0).max(1);
