/** What all services of a session share. */
import type { Machine } from '../../machine/machine.ts';
import type { EventLog } from '../../model/event-log.ts';
import type { Failure } from '../../model/failure.ts';
import type { Dependency, Service } from '../../model/service.ts';
import type { Trace } from '../../model/trace.ts';
import type { ClaimOutcome } from '../../ports/claim.ts';
import type { MemberTracker } from '../../processes/members.ts';
import type { FifoPool } from '../output/fifo.ts';
import type { Listeners } from '../ports/listeners.ts';
import type { Guard } from '../session/guard.ts';

export interface SupervisorContext {
  readonly machine: Machine;
  readonly stack: { readonly name: string; readonly id: string };
  /** The session's key, part of every run marker. */
  readonly session: string;
  /** The folder of the logs. */
  readonly logs: string;
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  readonly colour: boolean;
  readonly events: EventLog;
  readonly tracker: MemberTracker;
  readonly ports: Listeners;
  readonly fifos: FifoPool;
  readonly guard: Guard;
  /** Every claim of the session goes through one queue. */
  readonly claim: (service: Service, signal: AbortSignal) => Promise<ClaimOutcome>;
  /** Resolves when all dependencies hold; each as of now. */
  readonly awaitDependencies: (service: Service, signal: AbortSignal) => Promise<void>;
  /** What must hold before a service starts, in this session's plan. */
  readonly dependenciesOf: (name: string) => readonly Dependency[];
  /** The set of live processes has changed: the record must say so. */
  readonly onProcesses: () => void;
  /** Records where the time of a start goes; null without `DEVUP_TRACE`. */
  readonly trace: Trace | null;
  readonly onBug: (error: unknown) => void;
  /** Resolves at the next tick, a few seconds from now; with `healthyAt`, at the next that may find a change (see `Ticker`). */
  readonly nextTick: (signal: AbortSignal, healthyAt?: number | null) => Promise<number>;
}

/** A service's last lines that an error shows. */
export const LAST_LINES = 20;

export function failureOfExit(
  service: string,
  exit: { exitCode: number | null; signal: string | null },
  beforeReady: boolean,
  lastLines: readonly string[],
): Failure {
  return { code: 'E101', kind: 'service-exited', service, exitCode: exit.exitCode, signal: exit.signal, beforeReady, lastLines };
}
