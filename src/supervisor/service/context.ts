/** The parts of a session that all its services share. */
import type { Machine } from '../../machine/machine.ts';
import type { EventLog } from '../../model/event-log.ts';
import type { Failure } from '../../model/failure.ts';
import type { Dependency, Service } from '../../model/service.ts';
import type { Trace } from '../../model/trace.ts';
import type { ClaimOutcome } from '../../ports/claim.ts';
import type { MemberTracker } from '../../processes/members.ts';
import type { Origin } from '../../processes/orphans.ts';
import type { FifoPool } from '../output/fifo.ts';
import type { ServiceOutput } from '../output/output.ts';
import type { Listeners } from '../ports/listeners.ts';
import type { Guard } from '../session/guard.ts';
import { installForOutput } from './process/install-command.ts';

export interface SupervisorContext {
  readonly machine: Machine;
  readonly stack: { readonly name: string; readonly id: string };
  /** The session's key, part of every run marker. */
  readonly session: string;
  /** `.devup/<id>`. */
  readonly folder: string;
  /** The folder of the logs. */
  readonly logs: string;
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  readonly colour: boolean;
  readonly events: EventLog;
  readonly tracker: MemberTracker;
  /** By service, the run whose processes may be alive. */
  readonly runs: Map<string, Origin>;
  readonly ports: Listeners;
  readonly fifos: FifoPool;
  readonly guard: Guard;
  /** Resolves when the session's queue of claims has handled the service. */
  readonly claim: (service: Service, signal: AbortSignal) => Promise<ClaimOutcome>;
  /** Resolves when all dependencies are satisfied at the same moment. */
  readonly awaitDependencies: (service: Service, signal: AbortSignal) => Promise<void>;
  /** The dependencies that a service waits for in this session. */
  readonly dependenciesOf: (name: string) => readonly Dependency[];
  /** To be called when the set of living processes has changed; the record is written again. */
  readonly onProcesses: () => void;
  /** Records how a start spends its time; null without `DEVUP_TRACE`. */
  readonly trace: Trace | null;
  readonly onBug: (error: unknown) => void;
  /** Resolves at the next tick, a few seconds from now. With `healthyAt`, ticks without a change are skipped (see `Ticker`). */
  readonly nextTick: (signal: AbortSignal, healthyAt?: number | null) => Promise<number>;
}

/** An error shows this many of a service's last lines. */
const LAST_LINES = 20;

/** The output that a failure shows. */
export function outputFacts(output: ServiceOutput): { readonly lastLines: readonly string[]; readonly firstError?: string } {
  const firstError = output.findFirstError();
  return { lastLines: output.lastLines(LAST_LINES), ...(firstError === null ? {} : { firstError }) };
}

export function failureOfExit(
  { name, cwd }: Service,
  exit: { exitCode: number | null; signal: string | null },
  beforeReady: boolean,
  output: ServiceOutput,
): Extract<Failure, { readonly code: 'E101' }> {
  const { exitCode, signal } = exit;
  const facts = outputFacts(output);
  const lines = facts.firstError === undefined ? facts.lastLines : [...facts.lastLines, facts.firstError];
  const install = exitCode === 0 ? {} : installForOutput(cwd, lines, exitCode);
  return { code: 'E101', kind: 'service-exited', service: name, exitCode, signal, beforeReady, ...facts, ...install };
}
