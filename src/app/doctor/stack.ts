/** The checks of `doctor` for one stack: its config, session, leftovers and ports. */
import { portFacts } from '../../machine/port-facts.ts';
import type { ConfigFound, DoctorCheck, LeftoversFound, SessionFound } from '../../model/doctor.ts';
import type { Failure } from '../../model/failure.ts';
import { portTroubles } from '../../model/port-trouble.ts';
import type { Result } from '../../model/result.ts';
import type { Stack } from '../../model/service.ts';
import { countsAsReady } from '../../model/service-state.ts';
import type { Snapshot } from '../../model/session.ts';
import { findLeftovers } from '../../processes/leftovers.ts';
import { readRecord } from '../../processes/record.ts';
import type { AppContext } from '../context.ts';
import { sessionInOtherNamespace } from '../session/other-namespace.ts';
import { connectAnyTarget, liveSession, type Target } from '../target.ts';

export function checkConfig(target: Result<Target, Failure>, stack: Result<Stack, Failure> | null): DoctorCheck {
  if (!target.ok && target.failure.code === 'E301') return config('note', { kind: 'none' });
  if (stack?.ok) {
    const { configFile: file, services } = stack.value;
    const optional = services.filter((service) => service.optional).length;
    const ports = services.flatMap((service) => service.ports).length;
    return config('ok', { kind: 'loaded', file, services: services.length, optional, ports });
  }
  const failure = stack ? stack.failure : target.ok ? null : target.failure;
  if (!failure) throw new Error('a config that was found is loaded');
  return config('problem', { kind: 'failed', failure });
}

function config(health: DoctorCheck['health'], found: ConfigFound): DoctorCheck {
  return { name: 'config', health, found };
}

export interface CheckedSession {
  readonly check: DoctorCheck;
  readonly snapshot: Snapshot | null;
}

export async function checkSession(target: Target, context: AppContext): Promise<CheckedSession> {
  const connected = await connectAnyTarget(target, context);
  const snapshot = connected.ok ? await connected.value.snapshot() : connected;
  if (connected.ok) connected.value.close();
  const check = (health: DoctorCheck['health'], found: SessionFound): DoctorCheck => ({ name: 'session', health, found });
  if (snapshot.ok) {
    const { session, services } = snapshot.value;
    const ready = services.filter(({ state }) => countsAsReady(state)).length;
    const running = { kind: 'running', pid: session?.pid, version: session?.version, ready, services: services.length } as const;
    return { check: check('ok', running), snapshot: snapshot.value };
  }
  const { failure } = snapshot;
  return { check: failure.code === 'E401' ? check('ok', { kind: 'none' }) : check('problem', { kind: 'failed', failure }), snapshot: null };
}

export async function checkLeftovers(target: Target, snapshot: Snapshot | null, context: AppContext): Promise<DoctorCheck> {
  const { machine } = context;
  const check = (health: DoctorCheck['health'], found: LeftoversFound): DoctorCheck => ({ name: 'leftovers', health, found });
  // A session that does not answer may still run services, whose processes would look like leftovers.
  if (!snapshot && (await liveSession(context)(target.id))) return check('note', { kind: 'silent-session' });
  const otherNamespace = snapshot ? null : await sessionInOtherNamespace(target, context);
  if (otherNamespace) return check('note', { kind: 'other-namespace', failure: otherNamespace });
  const record = await readRecord(machine, target.folder);
  const found = await findLeftovers(machine, { stackId: target.id, liveSession: snapshot?.session?.key ?? null, record });
  const processes = found.map(({ pid, name, service }) => ({ pid, name, service }));
  return check(processes.length === 0 ? 'ok' : 'problem', { kind: 'processes', processes });
}

export async function checkDeclaredPorts({ services }: Stack, { machine }: AppContext): Promise<DoctorCheck> {
  const facts = await portFacts(machine);
  const troubles = services.flatMap(({ name, ports }) =>
    ports.flatMap(({ port }) => portTroubles(port, facts).map((trouble) => ({ port, service: name, trouble }))),
  );
  const { ephemeral, excluded } = facts;
  return { name: 'ports', health: troubles.length === 0 ? 'ok' : 'note', ephemeral, excluded, troubles };
}
