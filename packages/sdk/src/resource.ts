/** Who is speaking: the OTLP resource of this process (OpenTelemetry semantic conventions, § Resource). */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, hostname, release, type } from 'node:os';
import type { Attribute, Resource, Value } from '@aode/wire';
import type { Environment } from './env.ts';
import type { Manifest } from './manifest.ts';
import type { SdkOptions } from './options.ts';

/** Semantic conventions name architectures otherwise than Node.js. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ia32: 'x86',
  arm: 'arm32',
};

/** Variables that Kubernetes' downward API is usually asked to fill. */
const KUBERNETES: Readonly<Record<string, readonly string[]>> = {
  'k8s.pod.name': ['K8S_POD_NAME', 'POD_NAME'],
  'k8s.pod.uid': ['K8S_POD_UID', 'POD_UID'],
  'k8s.namespace.name': ['K8S_NAMESPACE_NAME', 'K8S_NAMESPACE', 'POD_NAMESPACE'],
  'k8s.node.name': ['K8S_NODE_NAME', 'NODE_NAME'],
  'k8s.container.name': ['K8S_CONTAINER_NAME', 'CONTAINER_NAME'],
};

export interface ResourceParts {
  readonly options: SdkOptions;
  readonly env: Environment;
  readonly manifest: Manifest;
  readonly sdkVersion: string;
  /** Given in code, of any type. */
  readonly attributes: readonly Attribute[];
}

/** Given attributes win over detected ones; a service name of its own option wins over both. */
export function detectResource({
  options,
  env,
  manifest,
  sdkVersion,
  attributes: given,
}: ResourceParts): Resource {
  const all = new Map<string, Value>();
  const set = (key: string, value: Value | undefined): void => {
    if (value !== undefined && value !== '') all.set(key, value);
  };
  set('service.name', manifest.name ?? 'unknown_service:node');
  set('service.version', manifest.version);
  set('service.instance.id', randomUUID());
  set('telemetry.sdk.name', 'aode');
  set('telemetry.sdk.language', 'nodejs');
  set('telemetry.sdk.version', sdkVersion);
  set('telemetry.distro.name', 'aode');
  set('telemetry.distro.version', sdkVersion);
  set('process.pid', BigInt(process.pid));
  set('process.executable.path', process.execPath);
  // Arguments may hold secrets, so only what is run is said, not with what.
  set('process.command', process.argv[1]);
  set('process.runtime.name', 'nodejs');
  set('process.runtime.description', 'Node.js');
  set('process.runtime.version', process.versions.node);
  set('host.name', hostname());
  set('host.arch', ARCHITECTURES[arch()] ?? arch());
  set('os.type', type().toLowerCase());
  set('os.version', release());
  set('container.id', containerIdIn(read('/proc/self/cgroup'), read('/proc/self/mountinfo')));
  for (const [key, names] of Object.entries(KUBERNETES)) {
    if (env['KUBERNETES_SERVICE_HOST'] !== undefined) set(key, names.map((name) => env[name]).find(Boolean));
  }
  for (const { key, value } of given) set(key, value);
  for (const [key, value] of Object.entries(options.resourceAttributes)) set(key, value);
  set('service.name', options.serviceName);
  const attributes = Array.from(all, ([key, value]): Attribute => ({ key, value }));
  return { attributes, droppedAttributesCount: 0, entityRefs: [] };
}

/** 64 hex digits from the control group (v1) or the mounts (v2) of a process; undefined outside containers. */
export function containerIdIn(cgroup: string, mounts: string): string | undefined {
  return (
    /[/:-]([0-9a-f]{64})(?:\.scope)?$/m.exec(cgroup)?.[1] ??
    /\/(?:overlay-)?containers\/([0-9a-f]{64})\//.exec(mounts)?.[1]
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Not Linux, or not allowed to look.
  }
}
