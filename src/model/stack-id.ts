import { fnv1a } from './fnv1a.ts';

/**
 * The identity of a stack: a hash of the config file's real path, so that two worktrees of one repository are two stacks even with
 * equal names.
 */
export function stackId(realPath: string): string {
  return fnv1a(realPath);
}

/** The marker that every process of a service inherits in its environment as `DEVUP_RUN`. */
export interface RunMarker {
  readonly stackId: string;
  readonly session: string;
  readonly service: string;
}

export const MARKER_VARIABLE = 'DEVUP_RUN';

export function formatMarker(marker: RunMarker): string {
  return `${marker.stackId}:${marker.session}:${marker.service}`;
}

/** Null for a text that is not a marker. */
export function parseMarker(text: string): RunMarker | null {
  const match = /^([0-9a-f]{16}):([0-9a-z]{1,32}):(.+)$/s.exec(text);
  return match ? { stackId: match[1] as string, session: match[2] as string, service: match[3] as string } : null;
}
