/**
 * The Kubernetes manifest of `hier serve` against the program: its options, its paths and its ports are those of the command, of the
 * service and of the image. That it is a Deployment of the Kubernetes API is tested with the manifest of the fleet.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Service } from 'kubernetes-types/core/v1.js';
import { parseAllDocuments } from 'yaml';
import { createProgram } from '../../src/cli/program.js';
import { ROUTES } from '../../src/server/routes.js';
import { parseTable } from '../../src/store/tableUri.js';

const text = readFileSync('deploy/kubernetes/serve.yaml', 'utf8');
const [deployment, service] = parseAllDocuments(text).map((one) => one.toJS()) as [Deployment, Service];
const pod = deployment.spec!.template.spec!;
const [container] = pod.containers;
const dockerfile = readFileSync('deploy/Dockerfile', 'utf8');
/** Seconds within which the service ends. */
const ENDING = 10;

describe('the manifest of hier serve', () => {
  it('gives options of the command, and a table that is mounted', async () => {
    const serve = (await createProgram(['serve'])).commands.find((one) => one.name() === 'serve')!;
    const { operands, unknown } = serve.parseOptions(container.args!);
    assert.deepEqual([operands, unknown], [['/table'], []]);
    const { host, port, path, keys, name, trustProxy, rateLimit } = serve.opts();
    assert.deepEqual([host, path, trustProxy, rateLimit], ['0.0.0.0', undefined, 1, 600]);
    assert.equal(name.length, 1);
    assert.equal(parseTable(operands[0]).kind, 'folder');
    const mountOf = (wanted: string) =>
      container.volumeMounts!.find(({ mountPath }) => mountPath === wanted)!;
    assert.ok(mountOf(operands[0]).readOnly);
    const volume = pod.volumes!.find((one) => one.name === mountOf(dirname(keys[0])).name)!;
    const { secretName, items, defaultMode } = volume.secret!;
    assert.deepEqual([items, defaultMode], [undefined, 0o440]);
    assert.ok(
      text.includes(`kubectl create secret generic ${secretName} --from-file=keys=`),
      'the command makes the file',
    );
    assert.equal(container.env, undefined, 'no key is in the manifest');
    assert.equal(container.ports![0].containerPort, port);
    assert.match(dockerfile, new RegExp(`\\nEXPOSE ${port}\\n`));
  });

  it('asks a path of the service that needs no key, by the port that the service listens on', () => {
    const [{ name: port }] = container.ports!;
    for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
      const { path, port: asked, httpHeaders } = probe!.httpGet!;
      const route = ROUTES.find((one) => one.path === path && one.method === 'GET');
      assert.ok(route?.isFree, `${path} is open`);
      assert.deepEqual([asked, httpHeaders], [port, undefined]);
    }
    assert.equal(service.spec!.ports![0].targetPort, port);
    const { labels } = deployment.spec!.template.metadata!;
    assert.deepEqual(service.spec!.selector, labels);
    assert.deepEqual(deployment.spec!.selector.matchLabels, labels);
  });

  it('has no rights that it does not need, and time to end', () => {
    assert.match(dockerfile, new RegExp(`\\nUSER ${pod.securityContext!.runAsUser}:`));
    assert.equal(pod.securityContext!.runAsNonRoot, true);
    assert.equal(pod.securityContext!.seccompProfile!.type, 'RuntimeDefault');
    assert.equal(pod.automountServiceAccountToken, false);
    const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = container.securityContext!;
    assert.deepEqual(
      [readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities!.drop],
      [true, false, ['ALL']],
    );
    const writable = container.volumeMounts!.filter(({ readOnly }) => !readOnly);
    assert.deepEqual(
      writable.map(({ mountPath }) => mountPath),
      ['/tmp'],
    );
    for (const { name } of container.volumeMounts!) assert.ok(pod.volumes!.some((one) => one.name === name));
    const [command, seconds] = container.lifecycle!.preStop!.exec!.command!;
    assert.equal(command, 'sleep');
    assert.ok(pod.terminationGracePeriodSeconds! >= Number(seconds) + ENDING);
  });
});
