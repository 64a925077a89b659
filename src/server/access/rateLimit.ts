/**
 * How often one who asks may ask: each has a bucket of tokens that fills up at a steady rate, and a request takes some. Who
 * that is, and what a request costs, is for others.
 */

/** Counts requests. */
export interface RateLimit {
  /** Takes tokens of somebody, or says after how many seconds there will be enough; 0 when they were taken. */
  take(who: string, tokens: number): number;
}

/** Those who are remembered; of more, who has asked longest ago is forgotten. */
const MOST = 20_000;

/**
 * A limit of so many tokens a minute, which may all be taken at once.
 * @param now the time, ms
 */
export function createRateLimit(perMinute: number, now: () => number = () => performance.now()): RateLimit {
  const rate = perMinute / 60_000;
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(who, tokens) {
      const at = now();
      const bucket = buckets.get(who) ?? { tokens: perMinute, at };
      buckets.delete(who); // the last to have asked stands last
      buckets.set(who, bucket);
      if (buckets.size > MOST) buckets.delete(buckets.keys().next().value!);
      bucket.tokens = Math.min(perMinute, bucket.tokens + rate * (at - bucket.at));
      bucket.at = at;
      if (bucket.tokens >= tokens) {
        bucket.tokens -= tokens;
        return 0;
      }
      return Math.max(1, Math.ceil((tokens - bucket.tokens) / rate / 1000));
    },
  };
}
