/** Counts of requests and their times, as Prometheus reads them (text format 0.0.4). */

/** Upper bounds of the times that are counted, s. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What has happened so far. */
export interface Metrics {
  /** Counts a request that has been answered. */
  count(route: string, status: number, seconds: number): void;
  /** All as text; `gauges` are values of this moment by name. */
  text(gauges: Readonly<Record<string, number>>): string;
}

/** Empty counts. */
export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const times = new Map<string, { buckets: number[]; sum: number; count: number }>();
  return {
    count(route, status, seconds) {
      const key = `route="${route}",status="${status}"`;
      requests.set(key, (requests.get(key) ?? 0) + 1);
      const time = times.get(route) ?? { buckets: BOUNDS.map(() => 0), sum: 0, count: 0 };
      BOUNDS.forEach((bound, i) => {
        if (seconds <= bound) time.buckets[i]++;
      });
      time.sum += seconds;
      time.count++;
      times.set(route, time);
    },
    text(gauges) {
      const lines = ['# TYPE hier_requests_total counter'];
      for (const [key, value] of requests) lines.push(`hier_requests_total{${key}} ${value}`);
      lines.push('# TYPE hier_request_seconds histogram');
      for (const [route, { buckets, sum, count }] of times) {
        BOUNDS.forEach((bound, i) => {
          lines.push(`hier_request_seconds_bucket{route="${route}",le="${bound}"} ${buckets[i]}`);
        });
        lines.push(`hier_request_seconds_bucket{route="${route}",le="+Inf"} ${count}`);
        lines.push(`hier_request_seconds_sum{route="${route}"} ${sum}`);
        lines.push(`hier_request_seconds_count{route="${route}"} ${count}`);
      }
      for (const [name, value] of Object.entries(gauges))
        lines.push(`# TYPE hier_${name} gauge`, `hier_${name} ${value}`);
      return `${lines.join('\n')}\n`;
    },
  };
}
