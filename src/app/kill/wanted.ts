/** The ports and services that the words of `kill` name. Numbers need no config; names come from the session, the config or the record. */

import type { Failure } from '../../model/failure.ts';
import { parsePortRange } from '../../model/port-range.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { noSuchService } from '../../model/unknown-service.ts';
import type { AppContext } from '../context.ts';
import { declaredServices } from '../status.ts';
import type { Target } from '../target.ts';

export interface Wanted {
  readonly ports: readonly number[];
  /** Named services, which are stopped even if they hold no port. */
  readonly services: readonly string[];
  /** Null outside any stack. */
  readonly target: Target | null;
}

/** A range longer than this is a typing error. */
const MAX_PORTS = 1000;

/** Failures: E204; for names also E002, and why the stack cannot be read. */
export async function wantedPorts(
  words: readonly string[],
  target: Result<Target, Failure>,
  context: AppContext,
): Promise<Result<Wanted, Failure>> {
  const ports = new Set<number>();
  const names: string[] = [];
  for (const word of words) {
    const range = parsePortRange(word);
    if (range === 'upside-down') return badPort(word, range);
    if (range === 'not-a-port') {
      names.push(word);
      continue;
    }
    if (range.to - range.from >= MAX_PORTS) return badPort(word, 'too-many');
    for (let port = range.from; port <= range.to; port++) ports.add(port);
  }
  if (names.length === 0) return ok({ ports: [...ports], services: [], target: target.ok ? target.value : null });
  const declared = target.ok ? await declaredServices(target.value, context) : target;
  // A service may be called 2fa; any other word that looks like a port is a mistyped one.
  const mistyped = names.find(
    (name) => /^([:\d-]|$)/.test(name) && !(declared.ok && declared.value.some((service) => service.name === name)),
  );
  if (mistyped !== undefined) return badPort(mistyped, 'not-a-port');
  if (!target.ok) return target.failure.code === 'E301' ? badPort(names[0] as string, 'not-a-port') : target;
  if (!declared.ok) return declared;
  for (const name of names) {
    const service = declared.value.find((candidate) => candidate.name === name);
    if (!service) {
      const known = declared.value.map((candidate) => candidate.name);
      return fail(noSuchService(name, known));
    }
    for (const port of Object.values(service.ports)) ports.add(port);
  }
  return ok({ ports: [...ports], services: names, target: target.value });
}

function badPort(text: string, reason: 'not-a-port' | 'upside-down' | 'too-many'): { readonly ok: false; readonly failure: Failure } {
  return fail({ code: 'E204', kind: 'bad-port', text, reason });
}
