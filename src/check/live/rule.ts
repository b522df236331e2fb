/** The input and the result of a rule for the running stack. */
import type { Finding } from '../../model/drift.ts';
import type { Failure } from '../../model/failure.ts';
import type { Service } from '../../model/service.ts';
import { isServing, type ServiceState } from '../../model/service-state.ts';
import type { Note } from '../note.ts';
import type { Repository } from '../repository.ts';
import type { SendRequest } from './answer.ts';

/** The session's view of one service. */
export interface ServiceStatus {
  readonly state: ServiceState;
  /** The service runs with an older config. */
  readonly stale: boolean;
  readonly problem: Failure | null;
}

export interface LiveStack {
  readonly repository: Repository;
  /** By service name; missing services are not in the session. */
  readonly running: ReadonlyMap<string, ServiceStatus>;
  /** All listeners on declared ports, and all listeners of the services' processes. */
  readonly listeners: readonly LiveListener[];
  /** The system's range for outgoing connections, both ends included; null if unknown. */
  readonly ephemeral: readonly [number, number] | null;
  readonly ask: SendRequest;
}

export interface LiveListener {
  readonly port: number;
  readonly address: string;
  /** The service that the process belongs to; null if it belongs to none of this session. */
  readonly service: string | null;
  /** A short description of the process. */
  readonly description: string;
}

/** The result of a rule. */
export interface RuleResult {
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
}

/** Whether the service can answer requests. */
export function canAnswer({ name }: Service, { running }: Pick<LiveStack, 'running'>): boolean {
  const state = running.get(name)?.state;
  return state !== undefined && isServing(state);
}
