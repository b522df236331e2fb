/** What `doctor` asks of one stack: its config, session, leftovers and ports. */

import { sessionInOtherNamespace } from '../../app/session/other-namespace.ts';
import { connectAnyTarget, liveSession, type Target } from '../../app/target.ts';
import { portFacts } from '../../machine/port-facts.ts';
import type { Failure } from '../../model/failure.ts';
import { portTroubles } from '../../model/port-trouble.ts';
import type { Result } from '../../model/result.ts';
import type { Stack } from '../../model/service.ts';
import { countsAsReady } from '../../model/service-state.ts';
import type { Snapshot } from '../../model/session.ts';
import { findLeftovers } from '../../processes/leftovers.ts';
import { readRecord } from '../../processes/record.ts';
import type { Check } from '../../render/doctor.ts';
import type { Viewer } from '../../render/words/viewer.ts';
import { words } from '../../render/words.ts';
import type { Context } from '../context.ts';

/** Without the values that are wrong in it: they may be secrets. */
export function config(target: Result<Target, Failure>, stack: Result<Stack, Failure> | null, viewer: Viewer): Check {
  if (!target.ok && target.failure.code === 'E301') return { name: 'config', health: 'note', text: 'none found here', fix: null };
  if (stack?.ok) {
    const { configFile, services } = stack.value;
    const optional = services.filter((service) => service.optional).length;
    const ports = services.flatMap((service) => service.ports).length;
    return {
      name: 'config',
      health: 'ok',
      text: `${shortened(configFile, viewer)}: ${services.length} services (${optional} optional), ${ports} ports`,
      fix: null,
    };
  }
  const failure = stack ? stack.failure : target.ok ? null : target.failure;
  if (!failure) throw new Error('a config that was found is loaded');
  if (failure.code === 'E305') {
    const text = `E305 ${shortened(failure.file, viewer)} has ${failure.problems.length === 1 ? 'a problem' : `${failure.problems.length} problems`}`;
    const details = failure.problems.map((problem) => `${problem.path}  ${problem.message}`);
    return { name: 'config', health: 'problem', text, details, fix: 'devup status shows each in full' };
  }
  return { name: 'config', health: 'problem', ...sentence(failure, viewer) };
}

export async function session(
  target: Target,
  context: Context,
  viewer: Viewer,
): Promise<{ readonly check: Check; readonly snapshot: Snapshot | null }> {
  const connected = await connectAnyTarget(target, context);
  const snapshot = connected.ok ? await connected.value.snapshot() : connected;
  if (connected.ok) connected.value.close();
  if (snapshot.ok) {
    const { session: running, services } = snapshot.value;
    const ready = services.filter(({ state }) => countsAsReady(state)).length;
    const text = `running (pid ${running?.pid}, devup ${running?.version}), ${ready} of ${services.length} services ready`;
    return { check: { name: 'session', health: 'ok', text, fix: null }, snapshot: snapshot.value };
  }
  if (snapshot.failure.code === 'E401') return { check: { name: 'session', health: 'ok', text: 'not running', fix: null }, snapshot: null };
  return { check: { name: 'session', health: 'problem', ...sentence(snapshot.failure, viewer) }, snapshot: null };
}

export async function leftovers(target: Target, snapshot: Snapshot | null, context: Context): Promise<Check> {
  const { machine } = context;
  // A session that does not answer still has its services, and does not say which these are.
  if (!snapshot && (await liveSession(context)(target.id)))
    return { name: 'leftovers', health: 'note', text: 'not checked: the session does not say which processes are its own', fix: null };
  const elsewhere = snapshot ? null : await sessionInOtherNamespace(target, context);
  if (elsewhere) {
    const { code, what, fix } = words(elsewhere);
    return { name: 'leftovers', health: 'note', text: `${code} ${what}`, fix };
  }
  const record = await readRecord(machine, target.folder);
  const found = await findLeftovers(machine, { stackId: target.id, liveSession: snapshot?.session?.key ?? null, record });
  if (found.length === 0) return { name: 'leftovers', health: 'ok', text: 'none', fix: null };
  const details = found.map(({ pid, name, service }) => `${name} (pid ${pid}) of ${service}`);
  return {
    name: 'leftovers',
    health: 'problem',
    text: `${found.length} ${found.length === 1 ? 'process' : 'processes'} of an earlier session still running`,
    details,
    fix: 'devup stop',
  };
}

export async function checkDeclaredPorts({ services }: Stack, { machine }: Context): Promise<Check> {
  const facts = await portFacts(machine);
  const { ephemeral, excluded } = facts;
  const details = services.flatMap((service) =>
    service.ports.flatMap(({ port }) => portTroubles(port, facts).map(({ why, fix }) => `${port} of ${service.name}: ${why}; ${fix}`)),
  );
  const given = ephemeral
    ? `the system uses ${ephemeral[0]}-${ephemeral[1]} for outgoing connections`
    : 'the ports for outgoing connections are not known';
  const text = excluded.length === 0 ? given : `${given}, and reserves ${excluded.map((range) => range.join('-')).join(', ')}`;
  return { name: 'ports', health: details.length === 0 ? 'ok' : 'note', text, details, fix: null };
}

function sentence(failure: Failure, viewer: Viewer): Pick<Check, 'text' | 'fix'> {
  const { code, what, why, fix } = words(failure, viewer);
  return { text: `${code} ${what}${why === null ? '' : `: ${why}`}`, fix };
}

function shortened(file: string, { home }: Viewer): string {
  return home !== null && file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
}
