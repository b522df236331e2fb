/**
 * Parses the output of `docker`, `podman` or `nerdctl container inspect`: a JSON array of objects, in which the fields
 * used here have the same names for all three. A stopped container keeps its list of ports, so `Running` must be checked.
 * No other fields are copied, since they include the container's environment, and with it passwords.
 */
import type { ComposeOrigin, Container } from '../../model/container.ts';
import { readJson } from '../../model/json.ts';

/** Null if the text is not the description of a container. */
export function parseContainer(json: string, engine: string): Container | null {
  const [object] = list(readJson(json));
  return containerOf(object, engine);
}

/** All containers that the text describes. */
export function parseContainers(json: string, engine: string): readonly Container[] {
  return list(readJson(json))
    .map((object) => containerOf(object, engine))
    .filter((container) => container !== null);
}

function containerOf(object: unknown, engine: string): Container | null {
  const state = field(object, 'State');
  const id = field(object, 'Id');
  const status = field(state, 'Status');
  if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id)) return null;
  const network = field(object, 'NetworkSettings');
  const host = field(object, 'HostConfig');
  const name = field(object, 'Name');
  const running = field(state, 'Running') === true;
  const sandbox = field(network, 'SandboxKey');
  const config = field(object, 'Config');
  const createCommand = texts(field(config, 'CreateCommand'));
  return {
    engine,
    id,
    name: typeof name === 'string' ? name.replace(/^\//, '') : id.slice(0, 12),
    status: typeof status === 'string' && status !== '' ? status : running ? 'running' : 'stopped',
    running,
    pid: positive(field(state, 'Pid')),
    hostNetwork: field(host, 'NetworkMode') === 'host',
    publishes: published(field(network, 'Ports')),
    addresses: addressesOf(network),
    sandbox: typeof sandbox === 'string' && sandbox !== '' ? sandbox : null,
    image: text(field(config, 'Image')) ?? text(field(object, 'ImageName')),
    command: texts(field(config, 'Cmd')),
    createdAtMs: time(field(object, 'Created')),
    startedAtMs: time(field(state, 'StartedAt')),
    createCommand: createCommand.length === 0 ? null : createCommand,
    compose: composeOrigin(field(config, 'Labels')),
  };
}

/** Labels that docker compose, docker-compose and podman-compose set. */
function composeOrigin(labels: unknown): ComposeOrigin | null {
  const label = (name: string) => text(field(labels, `com.docker.compose.${name}`));
  const project = label('project') ?? text(field(labels, 'io.podman.compose.project'));
  if (project === null) return null;
  return {
    project,
    service: label('service'),
    folder: label('project.working_dir'),
    oneOff: label('oneoff') === 'True',
    // `db:service_started:false,cache:service_healthy:true`
    dependsOn: (label('depends_on') ?? '').split(',').flatMap((one) => one.split(':')[0] || []),
  };
}

/** `{ "80/tcp": [{ "HostIp": "", "HostPort": "8080" }], "53/udp": [ … ], "9000/tcp": null }` */
function published(ports: unknown): readonly number[] {
  const found = entries(ports).flatMap(([inside, bindings]) =>
    inside.endsWith('/tcp') ? list(bindings).map((binding) => portOf(field(binding, 'HostPort'))) : [],
  );
  return [...new Set(found.filter((port) => port !== null))].sort((a, b) => a - b);
}

/** The container's addresses in all networks. Older descriptions have them beside the networks. */
function addressesOf(network: unknown): readonly string[] {
  const networks = [network, ...entries(field(network, 'Networks')).map(([, one]) => one)];
  const found = networks.flatMap((one) => [field(one, 'IPAddress'), field(one, 'GlobalIPv6Address')]);
  return [...new Set(found.filter((address): address is string => typeof address === 'string' && address !== ''))];
}

function portOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : null;
  return number !== null && number >= 1 && number <= 65535 ? number : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((one) => typeof one === 'string');
}

/** The year 1 stands for "never". */
function time(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return ms > 0 ? ms : null;
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
