/**
 * Parses `/proc/PID/cgroup`, which shows the container and the systemd unit of a process:
 *
 *     0::/system.slice/postgresql.service
 *     0::/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service
 *     0::/system.slice/docker-4f1c….scope            12:pids:/docker/4f1c…
 *     0::/kubepods.slice/…/cri-containerd-4f1c….scope
 */

export interface Cgroup {
  /** The first twelve digits of the container's id, as the engines print it. */
  readonly container: string | null;
  readonly unit: string | null;
}

const id = '([0-9a-f]{64})';
const containerShapes = [
  new RegExp(`/(?:docker|libpod|cri-containerd|crio|nerdctl|containerd)-${id}(?:\\.scope)?(?:/|$)`),
  new RegExp(`/docker/${id}(?:/|$)`),
  new RegExp(`/libpod_parent/libpod-${id}(?:/|$)`),
  new RegExp(`/kubepods[^/]*/(?:[^/]+/)*${id}(?:/|$)`),
];

export function parseCgroup(text: string): Cgroup {
  const paths = text
    .split('\n')
    .map((line) => /^\d+:[^:]*:(\/.*)$/.exec(line)?.[1])
    .filter((path) => path !== undefined);
  return { container: first(paths, containerOf), unit: first(paths, unitOf) };
}

function first(paths: readonly string[], read: (path: string) => string | null): string | null {
  for (const path of paths) {
    const found = read(path);
    if (found !== null) return found;
  }
  return null;
}

function containerOf(path: string): string | null {
  for (const shape of containerShapes) {
    const found = shape.exec(path)?.[1];
    if (found !== undefined) return found.slice(0, 12);
  }
  return null;
}

/** The innermost service, since a unit of the user's own manager is inside `user@1000.service`. */
function unitOf(path: string): string | null {
  const service = path
    .split('/')
    .filter((part) => part.endsWith('.service') && !isSession(part))
    .at(-1);
  return service === undefined ? null : unescapeUnit(service);
}

/** Units that hold processes started by hand: the user's manager itself, and desktop programs such as terminals. */
function isSession(unit: string): boolean {
  return /^user@\d+\.service$/.test(unit) || /^app-.*\.service$/.test(unit) || unit === 'gnome-terminal-server.service';
}

/** systemd prefixes a name with `_` if the kernel reserves such names. */
function unescapeUnit(unit: string): string {
  return unit.startsWith('_') ? unit.slice(1) : unit;
}
