/** Finds and stops services of other stacks, through the sessions that run them. */
import type { RemoteSession } from '../control/remote-session.ts';
import type { Snapshot } from '../model/session.ts';
import type { OtherSessions, TakeOver } from '../model/take-over.ts';
import type { AppContext } from './context.ts';
import { connectStack } from './target.ts';

export function otherSessions(context: AppContext): OtherSessions {
  return {
    find: (stackId, services) => through(stackId, context, (session) => find(session, services)),
    stop: (stackId, services) =>
      through(stackId, context, async (session) => {
        const found = await find(session, services);
        if (!found) return null;
        const named = services.filter((name) => found.services.includes(name));
        if (named.length === 0) return null;
        const reply = await session.send({ type: 'stop', services: named, withDependents: true });
        return reply.ok ? { ...found, services: inOrder(found.services, reply.value.stopped) } : null;
      }),
  };
}

async function through(stackId: string, context: AppContext, act: (session: RemoteSession) => Promise<TakeOver | null>) {
  const session = await connectStack(stackId, context);
  if (!session) return null;
  try {
    return await act(session);
  } finally {
    session.close();
  }
}

async function find(session: RemoteSession, services: readonly string[]): Promise<TakeOver | null> {
  const snapshot = await session.snapshot({ brief: true });
  if (!snapshot.ok) return null;
  const { id, config } = snapshot.value;
  return { stackId: id, config, services: stoppedWith(services, snapshot.value) };
}

/** These services and the running ones that need them. A session of an earlier version does not tell which those are. */
function stoppedWith(services: readonly string[], snapshot: Snapshot): readonly string[] {
  const named = new Set(services);
  const all = new Set(snapshot.services.flatMap(({ name, neededBy = [] }) => (named.has(name) ? [name, ...neededBy] : [])));
  return snapshot.services.map(({ name }) => name).filter((name) => all.has(name));
}

/** The stopped services in the order of `found`; those that were not foreseen come last. */
function inOrder(found: readonly string[], stopped: readonly string[]): readonly string[] {
  return [...found.filter((name) => stopped.includes(name)), ...stopped.filter((name) => !found.includes(name))];
}
