/** Which process computes which replicas of a step. It changes when a worker comes or goes, and changes no result. */

/**
 * Replicas `0` to `count - 1` for each process, neighbours together: the next one goes to the process that then has the least for
 * what it can do at a time. The first process always has the first replica.
 */
export function dealReplicas(count: number, threads: readonly number[]): number[][] {
  const shares = threads.map(() => 0);
  for (let replica = 0; replica < count; replica++) {
    const loads = shares.map((share, i) => (share + 1) / threads[i]);
    shares[replica === 0 ? 0 : loads.indexOf(Math.min(...loads))]++;
  }
  let next = 0;
  return shares.map((share) => Array.from({ length: share }, () => next++));
}
