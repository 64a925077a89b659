/** A process that trains, to be killed by a test: arguments are a recipe file and a run folder. */
import { loadRecipe } from '../../src/recipe/load.js';
import { train } from '../../src/training/train.js';

const [recipe, folder] = process.argv.slice(2);
await train({ recipe: loadRecipe(recipe), folder, quiet: true });
