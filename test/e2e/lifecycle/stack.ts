/** A stack that runs in the foreground, seen through the events it prints: the states of its services, in order. */
import { expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import type { Puppet } from '../../rig/puppets.ts';
import type { Answer, Rig, RunOptions } from '../../rig/rig.ts';
import type { Exit, Running } from '../../rig/running.ts';

export interface EventJson {
  readonly type: 'state' | 'output' | 'port' | 'notice' | 'done';
  readonly service: string;
  readonly at: string;
  readonly state?: string;
  readonly pid?: number | null;
  readonly text?: string;
  readonly delayMs?: number | null;
  readonly problem?: { readonly code: string; readonly message: string; readonly why: string | null } | null;
  readonly [detail: string]: unknown;
}

export interface ServiceJson {
  readonly name: string;
  readonly state: string;
  readonly pid: number | null;
  readonly port: number | null;
  readonly restarts: number;
  readonly uptimeMs: number | null;
  readonly exitCode: number | null;
  readonly stale: boolean;
  readonly verdict: string;
  readonly problem: { readonly code: string; readonly message: string; readonly why: string | null } | null;
}

export class Stack {
  readonly running: Running;
  readonly #rig: Rig;
  readonly #options: RunOptions;

  constructor(rig: Rig, args: readonly string[], options: RunOptions) {
    this.#rig = rig;
    this.#options = options;
    this.running = rig.start(['start', '--json', ...args], options);
  }

  events(): readonly EventJson[] {
    return this.running.lines as unknown as readonly EventJson[];
  }

  /** The states that a service has been in so far. */
  states(service: string): readonly string[] {
    return this.events().flatMap((event) => (event.type === 'state' && event.service === service ? [event.state as string] : []));
  }

  /** `service state`, of all services, in the order in which it happened. */
  history(...wanted: readonly string[]): readonly string[] {
    return this.events().flatMap((event) =>
      event.type === 'state' && wanted.includes(event.state as string) ? [`${event.service} ${event.state}`] : [],
    );
  }

  /** The `nth` time (1 = the first) that `service` entered `state`. */
  until(service: string, state: string, nth = 1): Promise<EventJson> {
    return this.untilEvent(
      `${service} ${state} (${nth})`,
      (event) => event.type === 'state' && event.service === service && event.state === state,
      nth,
    );
  }

  untilEvent(what: string, test: (event: EventJson) => boolean, nth = 1): Promise<EventJson> {
    return eventually(
      () => `${what}\n${this.running.report()}`,
      () => {
        const found = this.events().filter(test)[nth - 1];
        if (!found && this.running.ended) throw new Error(`ended without ${what}\n${this.running.report()}`);
        return found;
      },
    );
  }

  async status(): Promise<Readonly<Record<string, ServiceJson>>> {
    const { services } = (await this.devup('status', '--json')).json() as { services: readonly ServiceJson[] };
    return Object.fromEntries(services.map((service) => [service.name, service]));
  }

  devup(...args: readonly string[]): Promise<Answer> {
    return this.#rig.devup(args, this.#options);
  }

  /** The last step of a test: everything ends well. */
  async stop(): Promise<Exit> {
    this.running.signal('SIGTERM');
    const exit = await this.running.exited;
    expect(exit.code, this.running.report()).toBe(143);
    return exit;
  }
}

export function up(rig: Rig, args: readonly string[] = [], options: RunOptions = {}): Stack {
  return new Stack(rig, args, options);
}

/** The build that polls ports more often than users would accept. */
export const FAST_WATCH: RunOptions = { forFailures: true, env: { DEVUP_WATCH_MS: '100' } };

/** A worker that stays until it is told to go, and prints what it is told to. */
export function node(program: string): readonly string[] {
  return [process.execPath, '-e', program];
}

/** Gives an order to a puppet as soon as it takes any. */
export async function tell(puppet: Puppet, order: { readonly do: string; readonly [detail: string]: unknown }): Promise<void> {
  await eventually(`the puppet to take ${JSON.stringify(order)}`, () =>
    puppet.tell(order).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT') throw error;
        return false;
      },
    ),
  );
}
