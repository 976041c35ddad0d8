import assert from 'node:assert/strict';
import { arch, hostname } from 'node:os';
import { describe, test } from 'node:test';
import { attributesOf } from '@aode/journal/otlp-receiver';
import type { SdkOptions } from './options.ts';
import { resolveOptions } from './resolve-options.ts';
import { containerIdIn, detectResource } from './resource.ts';

interface Given {
  readonly code?: Partial<SdkOptions>;
  readonly env?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly version?: string;
}

function detect({ code = {}, env = {}, name, version }: Given): Record<string, unknown> {
  const options = resolveOptions({ code, env, manifest: {} });
  const manifest = { name, version, dependencies: [], directory: undefined, aode: {} };
  return attributesOf(detectResource({ options, env, manifest, sdkVersion: '9.9.9', attributes: [] }));
}

describe('service.name: its own option, resource attributes, package.json, unknown', () => {
  const env = { OTEL_SERVICE_NAME: 'own', OTEL_RESOURCE_ATTRIBUTES: 'service.name=listed,team=shop' };
  const cases: readonly (readonly [Given, string])[] = [
    [{ code: { serviceName: 'code' }, env, name: 'pkg' }, 'code'],
    [{ env, name: 'pkg' }, 'own'],
    [{ env: { OTEL_RESOURCE_ATTRIBUTES: env.OTEL_RESOURCE_ATTRIBUTES }, name: 'pkg' }, 'listed'],
    [{ name: '@scope/pkg' }, '@scope/pkg'],
    [{}, 'unknown_service:node'],
    [{ code: { serviceName: '' }, name: 'pkg' }, 'pkg'],
  ];
  for (const [given, wanted] of cases) {
    test(wanted, () => assert.equal(detect(given)['service.name'], wanted));
  }
});

test('process, host, runtime and distribution', () => {
  const found = detect({ name: 'pkg', version: '1.2.3' });
  assert.equal(found['service.version'], '1.2.3');
  assert.equal(found['telemetry.distro.name'], 'aode');
  assert.equal(found['telemetry.distro.version'], '9.9.9');
  assert.equal(found['telemetry.sdk.language'], 'nodejs');
  assert.equal(found['process.pid'], BigInt(process.pid));
  assert.equal(found['process.runtime.name'], 'nodejs');
  assert.equal(found['process.runtime.version'], process.versions.node);
  assert.equal(found['process.executable.path'], process.execPath);
  assert.equal(found['host.name'], hostname());
  assert.equal(found['host.arch'], arch() === 'x64' ? 'amd64' : arch());
  assert.equal(found['os.type'], process.platform);
});

test('service.instance.id is a UUID of this start, unless it is given', () => {
  const ids = [detect({}), detect({})].map((found) => found['service.instance.id']);
  assert.match(String(ids[0]), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(ids[0], ids[1]);
  const env = { OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=mine,host.name=box' };
  assert.equal(detect({ env })['service.instance.id'], 'mine');
  assert.equal(detect({ env })['host.name'], 'box');
});

test('arguments of the process, which may hold secrets, are not said', () => {
  const found = detect({});
  assert.equal(found['process.command'], process.argv[1]);
  assert.ok(!Object.keys(found).some((key) => key.startsWith('process.command_')));
});

test('k8s attributes from the downward API, inside a cluster only', () => {
  const env = {
    K8S_POD_NAME: 'pod-1',
    POD_UID: 'uid-1',
    POD_NAMESPACE: 'shop',
    NODE_NAME: 'node-1',
    CONTAINER_NAME: 'main',
  };
  const inside = detect({ env: { ...env, KUBERNETES_SERVICE_HOST: '10.0.0.1' } });
  assert.equal(inside['k8s.pod.name'], 'pod-1');
  assert.equal(inside['k8s.pod.uid'], 'uid-1');
  assert.equal(inside['k8s.namespace.name'], 'shop');
  assert.equal(inside['k8s.node.name'], 'node-1');
  assert.equal(inside['k8s.container.name'], 'main');
  assert.ok(!Object.keys(detect({ env })).some((key) => key.startsWith('k8s.')));
});

test('container.id from what the runtimes leave behind', () => {
  const id = '0123456789abcdef'.repeat(4);
  const cases: readonly (readonly [string, string])[] = [
    [`12:pids:/docker/${id}\n`, ''],
    [`0::/system.slice/docker-${id}.scope\n`, ''],
    [`1:name=systemd:/kubepods/besteffort/pod1/${id}\n`, ''],
    [`0::/kubepods.slice/cri-containerd-${id}.scope`, ''],
    [`0::/kubepods-pod1.slice:cri-containerd:${id}`, ''],
    ['0::/\n', `1 2 0:1 /var/lib/docker/containers/${id}/hostname /etc/hostname rw\n`],
    ['0::/\n', `1 2 0:1 /containers/storage/overlay-containers/${id}/userdata/hosts /etc/hosts rw\n`],
  ];
  for (const [cgroup, mounts] of cases) assert.equal(containerIdIn(cgroup, mounts), id, cgroup + mounts);
  assert.equal(containerIdIn('0::/user.slice/session-1.scope\n', '1 2 0:1 / / rw\n'), undefined);
  assert.equal(containerIdIn('', ''), undefined);
});
