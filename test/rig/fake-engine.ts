/** A container engine in memory, with the forwarders of its containers on a fake machine: what `docker` and `podman` answer. */
import { type RunTool, unanswered } from '../../src/processes/engine.ts';
import type { FakeMachine } from './fake-machine.ts';
import type { FakeProcess } from './fake-processes.ts';

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly port: number;
  readonly createdAtMs: number;
  readonly labels: Readonly<Record<string, string>>;
  running: boolean;
  readonly forwarder: FakeProcess;
}

export class FakeEngine {
  readonly containers: FakeContainer[] = [];
  /** All command lines but questions. */
  readonly orders: string[] = [];
  questions = 0;
  /** Answers nothing in time. */
  hangs = false;
  readonly #machine: FakeMachine;

  constructor(machine: FakeMachine) {
    this.#machine = machine;
  }

  /** Starts a container that publishes a port, with a forwarder that is nobody's member. */
  start(port: number, { name = `c${port}`, image = 'img', labels = {} }: Partial<FakeContainer> = {}): FakeContainer {
    const id = (this.containers.length + 1).toString(16).repeat(64).slice(0, 64);
    const argv = ['/usr/bin/docker-proxy', '-proto', 'tcp', '-host-ip', '0.0.0.0', '-host-port', `${port}`, '-container-ip', '172.17.0.2'];
    const forwarder = this.#machine.spawn({
      name: 'docker-proxy',
      argv,
      parent: this.#machine.table.init,
      session: true,
      env: {},
      uid: this.#machine.uid,
    });
    this.#machine.listen(forwarder, port);
    const container = { id, name, image, port, labels, createdAtMs: this.#machine.clock.wallTime(), running: true, forwarder };
    this.containers.push(container);
    return container;
  }

  readonly run: RunTool = async (tool, args, { timeoutMs, over } = {}) => {
    if (tool !== 'docker') return null;
    const [what = '', ...words] = args;
    if (what === 'ps' || what === 'container') this.questions++;
    if (this.hangs && (what === 'ps' || what === 'container')) return unanswered(tool, timeoutMs);
    if (what === 'ps') return { ok: true, text: this.#listed(words) };
    if (what === 'container') return this.#inspected(words.slice(1));
    this.orders.push(args.join(' '));
    if (this.hangs) {
      if (what !== 'kill') await new Promise<void>((resolve) => over?.addEventListener('abort', () => resolve(), { once: true }));
      return over?.aborted ? { ok: false, text: 'canceled' } : unanswered(tool, timeoutMs);
    }
    const container = this.containers.find(({ id }) => id === words.at(-1));
    if (!container) return { ok: false, text: 'Error: No such container' };
    if (what === 'stop' || what === 'kill') {
      container.running = false;
      container.forwarder.exit();
    }
    return { ok: true, text: '' };
  };

  #listed(words: readonly string[]): string {
    const shown = words.includes('--all') ? this.containers : this.containers.filter(({ running }) => running);
    const isQuiet = words.includes('--quiet');
    return shown.map(({ id, name, port }) => (isQuiet ? id : `${id}\t${name}\t0.0.0.0:${port}->80/tcp`)).join('\n');
  }

  #inspected(names: readonly string[]) {
    const found = names.flatMap((word) => this.containers.find(({ id, name }) => id === word || name === word) ?? []);
    if (found.length < names.length) return { ok: false, text: 'Error: No such container' };
    const described = found.map(({ id, name, image, port, createdAtMs, labels, running }) => ({
      Id: id,
      Name: `/${name}`,
      Created: new Date(createdAtMs).toISOString(),
      State: { Running: running, Status: running ? 'running' : 'exited', StartedAt: new Date(createdAtMs).toISOString() },
      Config: { Image: image, Labels: labels },
      NetworkSettings: {
        Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: `${port}` }] },
        Networks: { bridge: { IPAddress: '172.17.0.2' } },
      },
    }));
    return { ok: true, text: JSON.stringify(described) };
  }
}
