/** The two worlds that the machine's contract is tested on: this computer with small real processes, and the one in memory. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { currentMachine } from '../../src/machine/current.ts';
import type { Machine, Signal } from '../../src/machine/machine.ts';
import type { ProcessId } from '../../src/model/port.ts';
import { FakeMachine } from '../rig/fake-machine.ts';
import type { FakeProcess } from '../rig/fake-processes.ts';

/** A process that does as it is told. */
export interface Actor {
  readonly id: ProcessId;
  /** Port 0: any that is free. */
  listen(host: string, port: number): Promise<number>;
  /** Connects to `port` of this computer; its local end is `localPort`. */
  connect(localPort: number, port: number): Promise<void>;
  /** A child that inherits its listening sockets. */
  child(o: { readonly session: boolean }): Promise<ProcessId>;
  ignore(signal: Signal): Promise<void>;
  title(text: string): Promise<void>;
  /** The pid of a dead process whose parent does not wait for it. */
  zombie(): Promise<number>;
  /** Ends it, and waits until it is gone. */
  end(): Promise<void>;
}

export interface World {
  readonly machine: Machine;
  /** In its own session, as devup starts services. */
  start(o?: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string }): Promise<Actor>;
  /** Waits until it is so; the test's timeout ends a wait in vain. */
  until(so: () => Promise<boolean>): Promise<void>;
  /** Ends everything that was started. */
  close(): Promise<void>;
}

export function realWorld(): World {
  const machine = currentMachine();
  const children: ChildProcess[] = [];
  const seen: ProcessId[] = [];

  async function identify(pid: number): Promise<ProcessId> {
    const row = await machine.process(pid);
    if (row === null) throw new Error(`process ${pid} is not there`);
    seen.push({ pid, start: row.start });
    return { pid, start: row.start };
  }

  async function until(so: () => Promise<boolean>): Promise<void> {
    while (!(await so())) await machine.clock.sleep(2);
  }

  async function start({ env = {}, cwd = process.cwd() }: { env?: Readonly<Record<string, string>>; cwd?: string } = {}): Promise<Actor> {
    const script = fileURLToPath(new URL('machine-actor.mjs', import.meta.url));
    const child = fork(script, [], { detached: true, cwd, env: { ...process.env, ...env }, execArgv: [], stdio: 'ignore' });
    children.push(child);
    await once(child, 'message');
    const tell = async (order: string, rest: object = {}): Promise<unknown> => {
      child.send({ order, ...rest });
      const [answer] = (await once(child, 'message')) as [{ value?: unknown; error?: string }];
      if (answer.error !== undefined) throw Object.assign(new Error(`${order}: ${answer.error}`), { code: answer.error });
      return answer.value;
    };
    return {
      id: await identify(child.pid ?? 0),
      listen: async (host, port) => Number(await tell('listen', { host, port })),
      connect: async (localPort, port) => void (await tell('connect', { localPort, port })),
      child: async ({ session }) => identify(Number(await tell('child', { session }))),
      ignore: async (signal) => void (await tell('ignore', { signal })),
      title: async (text) => void (await tell('title', { text })),
      zombie: async () => {
        const pid = Number(await tell('zombie'));
        await until(async () => (await machine.process(pid)) === null);
        return pid;
      },
      end: () => end(child),
    };
  }

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async function close(): Promise<void> {
    await Promise.all(children.splice(0).map(end));
    for (const id of seen.splice(0)) {
      await machine.signal(id, 'SIGKILL');
      await until(async () => (await machine.process(id.pid))?.start !== id.start);
    }
  }

  return { machine, start, until, close };
}

export function fakeWorld(): World {
  const machine = new FakeMachine({ uid: process.getuid?.() ?? 1000, user: 'me' });
  let nextPort = 40_000;

  function actor(process: FakeProcess): Actor {
    return {
      id: process,
      listen: async (host, port) => machine.listen(process, port === 0 ? nextPort++ : port, { address: host }).port,
      connect: async (localPort, port) => void machine.connect(process, localPort, `127.0.0.1:${port}`),
      child: async ({ session }) => process.fork({ session, name: 'cat', argv: ['cat'] }),
      ignore: async (signal) => {
        process.on[signal] = 'ignore';
      },
      title: async (text) => process.rename(text),
      zombie: async () => {
        const parent = process.fork({ reaps: false });
        const child = parent.fork();
        child.exit();
        return child.pid;
      },
      end: async () => process.exit(),
    };
  }

  return {
    machine,
    start: async ({ env = {}, cwd = process.cwd() } = {}) =>
      actor(
        machine.spawn({
          session: true,
          name: 'node',
          argv: [process.execPath, 'machine-actor.mjs'],
          executable: process.execPath,
          env,
          cwd,
        }),
      ),
    until: async (so) => {
      while (!(await so())) await machine.advance(2);
    },
    close: async () => undefined,
  };
}
