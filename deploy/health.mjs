// The health check of a container with `hier serve`: ends with 0 while the service answers. It needs no key.
const { HIER_HEALTH: address = 'http://127.0.0.1:8080/api/health' } = process.env;
const answer = await fetch(address, { signal: AbortSignal.timeout(4000) }).catch(() => undefined);
process.exitCode = answer?.ok ? 0 : 1;
