/**
 * The listeners of a port: all its LISTEN sockets and all processes that hold them (several with SO_REUSEPORT or
 * pre-forked workers), each with what people need to recognise it. One pass over the socket table and one over the
 * file descriptors serve all ports asked for. "Could not tell" is an answer of its own, never "free".
 */
import type { ListenSocket, Machine, ProcessRow } from '../machine/machine.ts';
import { type HiddenReason, type Holder, type PortState, type ProcessId, sameProcess } from '../model/port.ts';
import { type Ancestry, describe } from '../processes/describe.ts';

/** A process that the caller knows: nobody asks for its command, folder, user and environment, so they are not read. */
export interface Known extends ProcessId {
  readonly stack: NonNullable<Holder['stack']>;
}

export interface IdentifyOptions {
  /** Processes to look at first; the rest of the machine only when these do not hold every socket. */
  readonly first?: Iterable<number>;
  /** Ports that cannot be bound: when nobody listens there, somebody else's socket must explain it. */
  readonly busy?: ReadonlySet<number>;
  /** By pid. */
  readonly known?: ReadonlyMap<number, Known>;
}

export async function identifyPorts(
  machine: Machine,
  ports: Iterable<number>,
  options: IdentifyOptions = {},
): Promise<ReadonlyMap<number, PortState>> {
  const states = new Map<number, PortState>();
  let open = new Set(ports);
  const order = [...open];
  // A listener that closed between the two passes has no holder: only one that is still there at the next look is unseen.
  for (let unseen = new Set<string>(), look = 0; open.size > 0; look++) {
    const sockets = (await machine.listenSockets(open)).filter((socket) => open.has(socket.port));
    const pids = await holdersOf(machine, sockets, options.first);
    const described = new Map<number, Holder | null>();
    const nobodys = (socket: ListenSocket) => (pids.get(socket.handle) ?? []).every((pid) => !described.get(pid));
    const ancestry: Ancestry = new Map();
    const parents: Parents = new Map();
    for (const pid of new Set([...pids.values()].flat())) {
      const known = options.known?.get(pid);
      described.set(pid, (known && (await recognise(machine, known, parents))) ?? (await describe(machine, pid, [], ancestry)));
    }
    const lost = sockets.filter(nobodys);
    const doubtful = lost.filter((socket) => look < MOST_LOOKS && !unseen.has(socket.handle) && isReadable(machine, socket));
    const again = new Set(doubtful.map((socket) => socket.port));
    for (const port of open) {
      if (!again.has(port))
        states.set(
          port,
          await stateOf(
            machine,
            port,
            sockets.filter((socket) => socket.port === port),
            { pids, described, nobodys, busy: options.busy },
          ),
        );
    }
    unseen = new Set(lost.map((socket) => socket.handle));
    open = again;
  }
  return new Map(order.map((port) => [port, states.get(port) as PortState]));
}

/** A port whose listener changes between any two looks is told as it is by then. */
const MOST_LOOKS = 3;

/** Another user's processes show their sockets to root alone: looking twice shows no more. */
function isReadable(machine: Machine, { uid }: ListenSocket): boolean {
  return uid === null || machine.uid === 0 || uid === machine.uid;
}

interface Seen {
  readonly pids: ReadonlyMap<string, readonly number[]>;
  readonly described: ReadonlyMap<number, Holder | null>;
  readonly nobodys: (socket: ListenSocket) => boolean;
  readonly busy: ReadonlySet<number> | undefined;
}

async function stateOf(machine: Machine, port: number, sockets: readonly ListenSocket[], seen: Seen): Promise<PortState> {
  const addresses = [...new Set(sockets.map((socket) => socket.address))];
  if (sockets.length === 0) {
    return seen.busy?.has(port) ? { port, kind: 'hidden', reason: await explainBusy(machine, port), addresses } : { port, kind: 'free' };
  }
  // One listener that cannot be seen keeps the port held, whoever else is on it.
  const unseen = sockets.filter(seen.nobodys);
  if (unseen.length > 0) return { port, kind: 'hidden', reason: await whyUnseen(machine, unseen), addresses };
  const addressesOf = new Map<number, Set<string>>();
  for (const { handle, address } of sockets) {
    for (const pid of seen.pids.get(handle) ?? []) addressesOf.set(pid, (addressesOf.get(pid) ?? new Set()).add(address));
  }
  const holders = [...addressesOf].flatMap(([pid, at]) => {
    const holder = seen.described.get(pid);
    return holder ? [{ ...holder, addresses: [...at] }] : [];
  });
  return { port, kind: 'held', holders, addresses };
}

/** Socket handle → pids. Looks at `first`, then at everybody unless each socket was found (pre-forked siblings included). */
export async function holdersOf(
  machine: Machine,
  sockets: readonly ListenSocket[],
  first?: Iterable<number>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, readonly number[]>();
  const open = new Set<string>();
  for (const socket of sockets) {
    if (socket.pids) found.set(socket.handle, socket.pids);
    else open.add(socket.handle);
  }
  if (open.size > 0 && first) {
    for (const [handle, pids] of await machine.holders(open, first)) {
      if (pids.length === 0) continue;
      found.set(handle, pids);
      open.delete(handle);
    }
  }
  if (open.size > 0) for (const [handle, pids] of await machine.holders(open)) if (pids.length > 0) found.set(handle, pids);
  return found;
}

/** Parents as one look has seen them, without their command lines. */
type Parents = Map<number, ProcessRow | null>;

/** What a known process is by now. Null: it is another one, or its container has to be read from its parents. */
async function recognise(machine: Machine, known: Known, parents: Parents): Promise<Holder | null> {
  const container = await machine.container(known.pid);
  // Looked at last: if it is still the same process, the container is its own.
  const row = await machine.process(known.pid);
  if (!row || !sameProcess(row, known) || (container === null && (await isUnderConmon(machine, row, parents)))) return null;
  const unread = { argv: [], executable: null, cwd: null, uid: null, user: null, startedAtMs: null, ancestors: [], unit: null };
  const { pid, start, name } = row;
  return { pid, start, name, command: name, addresses: [], container, stack: known.stack, ...unread };
}

async function isUnderConmon(machine: Machine, row: ProcessRow, parents: Parents): Promise<boolean> {
  const seen = new Set<number>();
  for (let one: ProcessRow | null = row; one !== null && !seen.has(one.pid); ) {
    if (one.name === 'conmon') return true;
    seen.add(one.pid);
    const { ppid }: ProcessRow = one;
    if (!parents.has(ppid)) parents.set(ppid, ppid > 0 ? await machine.process(ppid) : null);
    one = parents.get(ppid) ?? null;
  }
  return false;
}

/** A listener that nobody visible holds. */
async function whyUnseen(machine: Machine, sockets: readonly ListenSocket[]): Promise<HiddenReason> {
  const uid = (sockets.find((socket) => !isReadable(machine, socket)) ?? sockets.find((socket) => socket.uid !== null))?.uid ?? null;
  if (uid === null) return { kind: 'no-permission' };
  if (sockets.some((socket) => !isReadable(machine, socket))) return { kind: 'other-user', uid, user: await machine.userName(uid) };
  // We may read everything of this user's, and still nobody holds it: its owner lives outside our PID namespace.
  return { kind: 'outside-namespace' };
}

/** Nobody listens, yet the port cannot be bound. */
async function explainBusy(machine: Machine, port: number): Promise<HiddenReason> {
  const others = await machine.otherSockets(new Set([port]));
  const connected = others.find((socket) => socket.state === 'connected');
  if (connected) {
    const pids = connected.handle === null ? [] : [...((await machine.holders(new Set([connected.handle]))).get(connected.handle) ?? [])];
    const holders = await Promise.all(pids.map((pid) => describe(machine, pid, [connected.address])));
    return { kind: 'outgoing', holders: holders.filter((holder) => holder !== null), remote: connected.remote };
  }
  if (others.length > 0) return { kind: 'closing' };
  const probe = await machine.canBind(port);
  if (!probe.free && probe.errno === 'EXCLUDED') return { kind: 'excluded-range' };
  if (!probe.free && probe.errno === 'EACCES') return { kind: 'no-permission' };
  return { kind: 'bound-not-listening' };
}
