/** What the rules of the running stack are given, and what they say. */
import type { Finding } from '../../model/drift.ts';
import type { Service } from '../../model/service.ts';
import type { ServiceState } from '../../model/service-state.ts';
import type { Note } from '../note.ts';
import type { Repository } from '../repository.ts';
import type { Ask } from './answer.ts';

/** What the session says of one service. */
export interface Running {
  readonly state: ServiceState;
  /** It runs as an older config said. */
  readonly stale: boolean;
}

export interface Live {
  readonly repository: Repository;
  /** By service; one that is missing is not in the session. */
  readonly running: ReadonlyMap<string, Running>;
  /** Every listener on a declared port, and every one of the services' processes. */
  readonly listening: readonly Listening[];
  /** Ports that the system takes for outgoing connections, ends included; null where it does not tell. */
  readonly ephemeral: readonly [number, number] | null;
  readonly ask: Ask;
}

export interface Listening {
  readonly port: number;
  readonly address: string;
  /** Whose process it is; null: none of this session's. */
  readonly service: string | null;
  /** In a few words. */
  readonly who: string;
}

/** What a rule says. */
export interface Said {
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
}

/** Whether something can be asked of it. */
export function isUp({ name }: Service, { running }: Pick<Live, 'running'>): boolean {
  const state = running.get(name)?.state;
  return state === 'ready' || state === 'unhealthy' || state === 'external';
}
