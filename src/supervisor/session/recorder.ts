/** Writes the session's record whenever its processes change: at most one write in progress, and one waiting. */
import type { Machine } from '../../machine/machine.ts';
import type { RecordFault } from '../../model/event.ts';
import type { EventLog } from '../../model/event-log.ts';
import type { ProcessId } from '../../model/port.ts';
import { type DebugRecord, readDebugRecords } from '../../processes/debug-record.ts';
import type { RecordedClient } from '../../processes/engine-client.ts';
import {
  inspectRecord,
  recordFile,
  removeRecord,
  removeUnfinishedRecords,
  type SessionRecord,
  TOUCH_MS,
  writeRecord,
} from '../../processes/record.ts';
import type { Actor } from '../service/actor.ts';
import type { SupervisorOptions } from './core.ts';

export interface RecorderOptions {
  readonly machine: Machine;
  readonly folder: string;
  readonly events: EventLog;
  readonly actors: ReadonlyMap<string, Actor>;
  /** The fields of the record that stay the same during the session. */
  readonly identity: Omit<SessionRecord, 'touchedAtMs' | 'guard' | 'services'>;
}

/** The records that earlier sessions and debuggers have left on disk. */
export interface EarlierRecords {
  readonly before: SessionRecord | null;
  /** Why the record of the session before cannot be trusted. */
  readonly fault: RecordFault | null;
  /** The debuggers that were killed. */
  readonly dead: readonly DebugRecord[];
}

export async function readEarlierRecords(machine: Machine, folder: string): Promise<EarlierRecords> {
  const read = await inspectRecord(machine, folder);
  const { dead } = await readDebugRecords(machine, folder);
  return typeof read === 'string' ? { before: null, fault: read, dead } : { before: read, fault: null, dead };
}

/** The fields of a record that the options of a session determine. */
export function identityOf({ machine, stack, version }: SupervisorOptions, session: string, startedAtMs: number) {
  const networkNamespace = machine.networkNamespace();
  return { format: 1 as const, stackId: stack.id, session, config: stack.configFile, version, networkNamespace, startedAtMs };
}

/** The notice about an earlier session's record that cannot be trusted. */
export function ignoredRecordNotice(folder: string, fault: RecordFault) {
  return { kind: 'record-ignored', file: recordFile(folder), fault } as const;
}

/** Changes within this time are written together. */
const TICK_MS = 20;

export class Recorder {
  readonly #options: RecorderOptions;
  guard: ProcessId | null = null;
  #dirty = false;
  #working: Promise<void> | null = null;
  #touchedMs = Number.NEGATIVE_INFINITY;
  #degraded = false;
  readonly #over = new AbortController();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Writes at once, because the record must exist before the first spawn. */
  async begin(): Promise<void> {
    removeUnfinishedRecords(this.#options.folder);
    await this.#write();
  }

  changed(): void {
    this.#dirty = true;
    this.#working ??= this.#work();
  }

  /** To be called at every tick. */
  touch(): void {
    if (this.#options.machine.clock.now() - this.#touchedMs > TOUCH_MS) this.changed();
  }

  async end(): Promise<void> {
    this.#over.abort();
    await this.#working;
    removeRecord(this.#options.folder);
  }

  async #work(): Promise<void> {
    const over = this.#over.signal;
    while (this.#dirty && !over.aborted) {
      await this.#options.machine.clock.sleep(TICK_MS, over).catch((error: unknown) => {
        if (!over.aborted) throw error;
      });
      this.#dirty = false;
      if (!over.aborted) await this.#write();
    }
    this.#working = null;
  }

  /** The services keep running if the record cannot be written (a full disk, for example). A notice reports it once. */
  async #write(): Promise<void> {
    const { machine, folder, events, actors, identity } = this.#options;
    this.#touchedMs = machine.clock.now();
    const services = [...actors.values()].flatMap((actor) => {
      const { main } = actor;
      if (!main) return [];
      const members = actor.processes.membership.members.map(({ pid, start }) => ({ pid, start }));
      return [
        {
          name: actor.service.name,
          main: { pid: main.pid, start: main.start },
          members,
          ports: actor.service.ports.map(({ port }) => port),
          ...(actor.processes.adopted.length > 0 && { adopted: actor.processes.adopted }),
          ...clientsOf(actor),
        },
      ];
    });
    try {
      await writeRecord(machine, folder, { ...identity, touchedAtMs: machine.clock.wallTime(), guard: this.guard, services });
      this.#degraded = false;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      if (!this.#degraded) {
        const file = recordFile(folder);
        events.append({ type: 'notice', service: null, notice: { kind: 'record-degraded', errno: String(error.code), file } });
      }
      this.#degraded = true;
    }
  }
}

function clientsOf({ processes }: Actor): { readonly clients?: readonly RecordedClient[] } {
  const clients = processes.clientContainers?.recordable() ?? [];
  return clients.length === 0 ? {} : { clients };
}
