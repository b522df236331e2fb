/**
 * Identifies the holders of ports: all LISTEN sockets and all processes that hold them (SO_REUSEPORT and pre-forking make
 * it several), described so that users recognise them. One scan of the sockets and one of the file descriptors serve all
 * ports. "Could not tell" is an answer of its own, never "free".
 */
import type { ListenSocket, Machine, ProcessRow } from '../machine/machine.ts';
import { type HiddenReason, type Holder, type PortState, type ProcessId, sameProcess } from '../model/port.ts';
import { type Ancestry, describe } from '../processes/describe.ts';

/** A process that the caller knows, so that its command, folder, user and environment need not be read. */
export interface Known extends ProcessId {
  readonly stack: NonNullable<Holder['stack']>;
}

export interface IdentifyOptions {
  /** Pids to search first. All other processes are searched only if the first do not hold every socket. */
  readonly first?: Iterable<number>;
  /** Ports that cannot be bound. Such a port without a listener is `hidden`, with a reason, instead of free. */
  readonly busy?: ReadonlySet<number>;
  /** Known processes by pid. */
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
  // A listener that closed between the scans of sockets and of processes has no holder either, so a socket counts as unseen only if the
  // next scan finds it again.
  for (let unseen = new Set<string>(), scans = 0; open.size > 0; scans++) {
    const sockets = (await machine.listenSockets(open)).filter((socket) => open.has(socket.port));
    const pids = await holdersOf(machine, sockets, options.first);
    const described = new Map<number, Holder | null>();
    const hasNoHolder = (socket: ListenSocket) => (pids.get(socket.handle) ?? []).every((pid) => !described.get(pid));
    const ancestry: Ancestry = new Map();
    const parents: Parents = new Map();
    for (const pid of new Set([...pids.values()].flat())) {
      const known = options.known?.get(pid);
      described.set(pid, (known && (await recognise(machine, known, parents))) ?? (await describe(machine, pid, [], ancestry)));
    }
    const orphaned = sockets.filter(hasNoHolder);
    const doubtful = orphaned.filter((socket) => scans < MOST_RESCANS && !unseen.has(socket.handle) && isReadable(machine, socket));
    const undecided = new Set(doubtful.map((socket) => socket.port));
    for (const port of open) {
      if (!undecided.has(port))
        states.set(
          port,
          await stateOf(
            machine,
            port,
            sockets.filter((socket) => socket.port === port),
            { pids, described, hasNoHolder, busy: options.busy },
          ),
        );
    }
    unseen = new Set(orphaned.map((socket) => socket.handle));
    open = undecided;
  }
  return new Map(order.map((port) => [port, states.get(port) as PortState]));
}

/** After this many repeated scans a port is reported as it is, even if its listener keeps changing. */
const MOST_RESCANS = 3;

/** Only root sees who holds another user's socket, so a second scan would find no more. */
function isReadable(machine: Machine, { uid }: ListenSocket): boolean {
  return uid === null || machine.uid === 0 || uid === machine.uid;
}

/** The results of one scan. */
interface ScanResult {
  readonly pids: ReadonlyMap<string, readonly number[]>;
  readonly described: ReadonlyMap<number, Holder | null>;
  readonly hasNoHolder: (socket: ListenSocket) => boolean;
  readonly busy: ReadonlySet<number> | undefined;
}

async function stateOf(machine: Machine, port: number, sockets: readonly ListenSocket[], scan: ScanResult): Promise<PortState> {
  const addresses = [...new Set(sockets.map((socket) => socket.address))];
  if (sockets.length === 0) {
    return scan.busy?.has(port) ? { port, kind: 'hidden', reason: await explainBusy(machine, port), addresses } : { port, kind: 'free' };
  }
  // One listener with an unknown holder makes the whole port hidden, even if other holders are known.
  const unseen = sockets.filter(scan.hasNoHolder);
  if (unseen.length > 0) return { port, kind: 'hidden', reason: await whyUnseen(machine, unseen), addresses };
  const addressesOf = new Map<number, Set<string>>();
  for (const { handle, address } of sockets) {
    for (const pid of scan.pids.get(handle) ?? []) addressesOf.set(pid, (addressesOf.get(pid) ?? new Set()).add(address));
  }
  const holders = [...addressesOf].flatMap(([pid, at]) => {
    const holder = scan.described.get(pid);
    return holder ? [{ ...holder, addresses: [...at] }] : [];
  });
  return { port, kind: 'held', holders, addresses };
}

/** Socket handle → pids of all its holders. Searches the pids of `first`, then all processes if a socket is still without a holder. */
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

/** Parents as of one scan, without their command lines. */
type Parents = Map<number, ProcessRow | null>;

/** The holder made from a known process. Null: the pid belongs to another process now, or the container must be read from the parents. */
async function recognise(machine: Machine, known: Known, parents: Parents): Promise<Holder | null> {
  const container = await machine.container(known.pid);
  // This is read last: if the process is still the same, the container that was read before belongs to it.
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

/** Why the holder of a listener cannot be seen. */
async function whyUnseen(machine: Machine, sockets: readonly ListenSocket[]): Promise<HiddenReason> {
  const uid = (sockets.find((socket) => !isReadable(machine, socket)) ?? sockets.find((socket) => socket.uid !== null))?.uid ?? null;
  if (uid === null) return { kind: 'no-permission' };
  if (sockets.some((socket) => !isReadable(machine, socket))) return { kind: 'other-user', uid, user: await machine.userName(uid) };
  // All of this user's processes are readable, and none holds the socket, so the holder is outside devup's PID namespace.
  return { kind: 'outside-namespace' };
}

/** Why a port without a listener cannot be bound. */
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
