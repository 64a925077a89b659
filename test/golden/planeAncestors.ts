/**
 * Golden format "planeAncestors" (10): the grey lines of the supplement's Figure 1, as the official notebook draws
 * them: who is the parent of a sample and of a proxy on the Poincaré disk. Recomputed by src/figures.
 */
import { diskParents } from '../../src/figures/parents.js';
import { type CaseReport, compareExactly } from './compare.js';
import { firstCase, flat, has, type Json, number, objects, vector } from './fields.js';

const SAMPLES = 'parent_of_sample(index into proxies)';
const PROXIES = 'parent_of_proxy(index into proxies; root points at itself)';

/** Whether a file holds cases of parent lines. */
export function recognise(file: Json): boolean {
  return firstCase(file, (item) => has(item, 'coord_disk', SAMPLES, PROXIES));
}

/** Recomputes every case. */
export async function check(file: Json): Promise<CaseReport[]> {
  return objects(file, 'cases').map((item) => {
    const samples = number(item, 'num_samples');
    const { ofLeaves, ofProxies } = diskParents(flat(item, 'coord_disk'), samples);
    const rooted = ofProxies.map((parent, proxy) => (parent < 0 ? proxy : parent));
    const options = { engine: 'plain float64' } as const;
    return {
      name: `${samples} samples, ${number(item, 'num_hproxies')} proxies`,
      checks: [
        compareExactly('parent of sample', ofLeaves, vector(item, SAMPLES), options),
        compareExactly('parent of proxy', rooted, vector(item, PROXIES), options),
      ],
    };
  });
}
