/** Services that run on a user's terminal (`devup debug`), and the marker of their processes. */
import type { ProcessId } from './port.ts';

/** The `devup debug` command that runs a service. While it lives, its service is `debugging`. */
export interface Debugger extends ProcessId {
  /** Wall clock, milliseconds since 1970. */
  readonly sinceMs: number;
}

export interface DebuggedService extends Debugger {
  readonly service: string;
}

/** The marker that the processes of a debugged service inherit. They have no run marker, since they belong to no session. */
export interface DebugMarker {
  readonly stackId: string;
  readonly service: string;
  /** The `devup debug` command. */
  readonly by: ProcessId;
}

export const DEBUG_VARIABLE = 'DEVUP_DEBUG';

export function formatDebugMarker({ stackId, service, by }: DebugMarker): string {
  return `${stackId}:${by.pid}:${by.start}:${service}`;
}

/** Null for a text that is not a debug marker. */
export function parseDebugMarker(text: string): DebugMarker | null {
  const [, stackId = '', pid, start, service = ''] = /^([0-9a-f]{16}):(\d{1,10}):(\d{1,20}(?:\.\d{1,20})?):(.+)$/s.exec(text) ?? [];
  return stackId === '' ? null : { stackId, service, by: { pid: Number(pid), start: Number(start) } };
}
