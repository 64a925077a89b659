/**
 * The Kubernetes manifests, of a fleet and of `hier serve`, against the published types of the Kubernetes API (kubernetes-types), by the compiler: it
 * knows every field, so that unknown ones, wrong types and missing ones are found. Rules on values, which types do not
 * have, are written out. No cluster is asked.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'node:test';
import type { Job } from 'kubernetes-types/batch/v1.js';
import ts from 'typescript';
import { parse, parseAllDocuments } from 'yaml';

const FILE = 'deploy/kubernetes/embed-job.yaml';
const text = readFileSync(FILE, 'utf8');
const job = parse(text) as Job;
const served = parseAllDocuments(readFileSync('deploy/kubernetes/serve.yaml', 'utf8')).map((one) =>
  one.toJS(),
) as { kind: string; spec: { template: { spec: { containers: object[] } } } }[];

/** What the compiler says of values, each as the type that it is of, one list each. */
function faults(values: readonly { readonly kind?: string }[]): string[][] {
  const name = resolve('test/fleet/job.ts'); // in memory only
  const imports = [
    "import type { Job } from 'kubernetes-types/batch/v1';",
    "import type { Deployment } from 'kubernetes-types/apps/v1';",
    "import type { Service } from 'kubernetes-types/core/v1';",
  ];
  const lines = values.map((value, i) => `export const one${i}: ${value.kind} = ${JSON.stringify(value)};`);
  const source = [...imports, ...lines, ''].join('\n');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es5.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === name || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === name ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : getSourceFile(path, ...rest);
  const program = ts.createProgram([name], options, host);
  const file = program.getSourceFile(name)!;
  const told: string[][] = values.map(() => []);
  for (const { start, messageText } of [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]) {
    const line = file.getLineAndCharacterOfPosition(start ?? 0).line - imports.length;
    told[Math.max(0, line)].push(ts.flattenDiagnosticMessageText(messageText, ' '));
  }
  return told;
}

test('the manifests are objects of the Kubernetes API, and the check finds what is not', () => {
  const changed = (change: (job: Job) => void) => {
    const copy = structuredClone(job);
    change(copy);
    return copy;
  };
  const container = (copy: Job) => copy.spec!.template.spec!.containers[0];
  const [deployment, service] = served;
  const odd = structuredClone(deployment);
  Object.assign(odd.spec.template.spec.containers[0], { readinesProbe: {} });
  const [own, ofDeployment, ofService, ...others] = faults([
    job,
    deployment,
    service,
    changed((copy) => Object.assign(copy.spec!, { completionMod: 'Indexed' })),
    changed((copy) => Object.assign(container(copy), { imagee: 'x' })),
    changed((copy) => Object.assign(copy.spec!, { completions: '200' })),
    changed((copy) => Object.assign(copy.spec!, { template: undefined })),
    changed((copy) => Object.assign(container(copy).securityContext!, { readOnlyRootFilesystem: 'yes' })),
    changed((copy) => Object.assign(copy.spec!.podFailurePolicy!.rules[0], { action: undefined })),
    changed((copy) => Object.assign(copy.spec!.template.spec!.volumes![3].emptyDir!, { sizelimit: '1Gi' })),
    odd,
  ]);
  assert.deepEqual([own, ofDeployment, ofService], [[], [], []]);
  for (const [i, found] of others.entries()) assert.ok(found.length > 0, `fault ${i} was not found`);
  assert.match(others[0][0], /completionMod/);
});

test('its values keep the rules of the Kubernetes documentation', () => {
  const { spec } = job;
  assert.deepEqual([job.apiVersion, job.kind, spec!.completionMode], ['batch/v1', 'Job', 'Indexed']);
  assert.match(job.metadata!.name!, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
  // backoffLimitPerIndex needs an Indexed Job; podFailurePolicy needs Never, and allows Ignore, FailJob, FailIndex, Count.
  const pod = spec!.template.spec!;
  assert.equal(pod.restartPolicy, 'Never');
  assert.ok(spec!.backoffLimitPerIndex! > 0 && spec!.maxFailedIndexes! <= spec!.completions!);
  assert.ok(spec!.parallelism! <= spec!.completions!);
  const rules = spec!.podFailurePolicy!.rules;
  for (const { action, onExitCodes, onPodConditions } of rules) {
    assert.ok(['Ignore', 'FailJob', 'FailIndex', 'Count'].includes(action));
    assert.equal((onExitCodes ? 1 : 0) + (onPodConditions ? 1 : 0), 1, 'exactly one of the two');
    if (!onExitCodes) continue;
    assert.ok(['In', 'NotIn'].includes(onExitCodes.operator));
    assert.deepEqual(onExitCodes.values, [2]);
    assert.equal(onExitCodes.containerName, pod.containers[0].name);
  }
  const quantities = Object.values(pod.containers[0].resources!).flatMap((part) => Object.values(part!));
  for (const quantity of quantities) assert.match(String(quantity), /^\d+(m|[KMGT]i)?$/);
});

test('its pods have no rights that they do not need', () => {
  const pod = job.spec!.template.spec!;
  const [container] = pod.containers;
  assert.ok(pod.securityContext!.runAsNonRoot && pod.securityContext!.runAsUser! > 0);
  assert.equal(pod.securityContext!.seccompProfile!.type, 'RuntimeDefault');
  assert.equal(pod.automountServiceAccountToken, false);
  const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = container.securityContext!;
  assert.deepEqual([readOnlyRootFilesystem, allowPrivilegeEscalation], [true, false]);
  assert.deepEqual(capabilities!.drop, ['ALL']);
  const scratch = pod.volumes!.find(({ emptyDir }) => emptyDir)!;
  const writable = container
    .volumeMounts!.filter(({ readOnly }) => !readOnly)
    .map(({ mountPath }) => mountPath);
  assert.deepEqual(writable, ['/fragments', '/tmp']);
  assert.equal(container.volumeMounts!.find(({ name }) => name === scratch.name)!.mountPath, '/tmp');
  for (const { name } of container.volumeMounts!)
    assert.ok(pod.volumes!.some((volume) => volume.name === name));
});

test('its numbers of shards agree, and the Dockerfile has its user', () => {
  const { completions, template } = job.spec!;
  const { args } = template.spec!.containers[0];
  assert.equal(args![args!.indexOf('--shard') + 1], `auto/${completions}`);
  assert.match(text, new RegExp(`--shard auto/${completions}`));
  const { runAsUser } = template.spec!.securityContext!;
  const dockerfile = readFileSync('deploy/Dockerfile', 'utf8');
  assert.match(dockerfile, new RegExp(`\\nUSER ${runAsUser}:`));
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const name of ['bullmq', 'ioredis'])
    assert.ok(dockerfile.includes(`${name}@${devDependencies[name]}`), `${name} as it is tested`);
});
