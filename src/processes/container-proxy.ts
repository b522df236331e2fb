/**
 * Recognises the processes with which container engines hold published ports. Some name their container in the command
 * line:
 *
 *     docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8000 -container-ip 172.17.0.2 -container-port 80
 *     conmon … -c 72e3ffdb44ed0c75… -n db …                     (podman with a bridge, as root)
 *     pasta --config-net … --netns /run/user/1000/netns/netns-… (podman without root, from 5.0)
 *
 * Others (rootlessport, slirp4netns, rootlesskit, the virtual machines of desktop engines) name none, or serve several.
 */
import type { Container } from '../model/container.ts';
import type { Ancestor, Holder } from '../model/port.ts';
import { programNames } from './program.ts';

const PROXIES = new Set([
  'docker-proxy',
  'conmon',
  'rootlessport',
  'containers-rootlessport',
  'rootlesskit',
  'slirp4netns',
  'pasta',
  'pasta.avx2',
  'gvproxy',
  'vpnkit',
  'com.docker.backend',
  'com.docker.backend.exe',
  'OrbStack',
  'OrbStack Helper',
  'wslrelay.exe',
  'wslhost.exe',
  'limactl',
  'containerd-shim',
  'containerd-shim-runc-v2',
]);

/** Programs, other than proxies, that engines keep running for a container, or for all containers of a user. */
const ATTENDANTS = new Set(['aardvark-dns', 'catatonit', 'fuse-overlayfs', 'podman pause', 'containers-root', 'netavark', 'crun', 'runc']);

/** True for a process, by its name, that an engine keeps for containers: it ends with them, or serves others too. */
export function isEngineHelper(name: string): boolean {
  return PROXIES.has(name) || ATTENDANTS.has(name) || DAEMONS.has(name);
}

/** Without a userland proxy, docker's daemon itself holds the published ports. */
const DAEMONS = new Set(['dockerd']);

type Program = Pick<Holder, 'name' | 'executable' | 'argv'>;

export function isContainerProxy(holder: Program): boolean {
  return programNames(holder).some((name) => PROXIES.has(name));
}

/** True if the process may forward the port into this container. A forwarder that names no container may serve any. */
export function forwards(holder: Program, port: number, container: Container): boolean {
  const name = programNames(holder).find((one) => PROXIES.has(one) || DAEMONS.has(one));
  switch (name) {
    case undefined:
      return false;
    case 'conmon':
      return after(holder.argv, '-c') === container.id;
    case 'docker-proxy': {
      const address = after(holder.argv, '-container-ip');
      const known = container.addresses.length === 0 || (address !== null && container.addresses.includes(address));
      return after(holder.argv, '-host-port') === String(port) && known;
    }
    case 'pasta':
    case 'pasta.avx2': {
      const sandbox = after(holder.argv, '--netns');
      return sandbox === null || container.sandbox === null || sandbox === container.sandbox;
    }
    default:
      return true;
  }
}

/**
 * The first digits of a container's id, from a conmon in `lineage`, since podman without root makes no control groups under
 * cgroup v1. Null without a conmon, and if `own`, devup's own lineage, is in the same container.
 */
export function conmonContainer(lineage: readonly Ancestry[], own: readonly Ancestry[]): string | null {
  const id = conmonId(lineage);
  return id === null || id === conmonId(own) ? null : id.slice(0, 12);
}

type Ancestry = Pick<Ancestor, 'name' | 'command'>;

function conmonId(lineage: readonly Ancestry[]): string | null {
  const conmon = lineage.find(({ name }) => name === 'conmon');
  return / -c ([0-9a-f]{64}) /.exec(conmon?.command ?? '')?.[1] ?? null;
}

/** True if the process runs inside the container, by its control group or, if the engine makes none, by its ancestors. */
export function runsInside(holder: Holder, container: Container): boolean {
  if (holder.container !== null && container.id.startsWith(holder.container)) return true;
  return container.pid !== null && [holder, ...holder.ancestors].some(({ pid }) => pid === container.pid);
}

function after(argv: readonly string[], flag: string): string | null {
  const at = argv.indexOf(flag);
  return at < 0 ? null : (argv[at + 1] ?? null);
}
