import { createHash } from 'node:crypto';
import type { Service } from '../../model/service.ts';

const known = new WeakMap<Service, string>();

/**
 * Equal exactly when restarting the service would change nothing: what runs and how it is supervised, not how it is
 * shown (links, labels, category) or when it is started (dependsOn, optional, profiles). 16 hex digits. A service never
 * changes, so each is counted once: every `status` asks for two of each.
 */
export function serviceFingerprint(service: Service): string {
  const found = known.get(service) ?? fingerprintOf(service);
  known.set(service, found);
  return found;
}

function fingerprintOf(service: Service): string {
  const { command, ports, host, cwd, env, envFileValues, ready, listener, health, restart, stop, onConflict } = service;
  const text = JSON.stringify([
    command,
    ports,
    host,
    cwd,
    sorted(env),
    sorted(envFileValues),
    ready,
    listener,
    health,
    restart,
    stop,
    onConflict,
  ]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The order of variables means nothing. */
function sorted(record: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
