/**
 * `devup run [service…] -- cmd`: starts what is missing, waits until it is ready, runs the command on this terminal and
 * exits with its code; then stops only what it started. A required service that fails meanwhile ends the command.
 */
import type { Failure } from '../../model/failure.ts';
import type { Stack } from '../../model/service.ts';
import type { Session, StartCommand } from '../../model/session.ts';
import { EMPTY_REPLY } from '../../model/session.ts';
import { findProgram, searchPath } from '../../supervisor/command-line.ts';
import type { Context, Parsed } from '../context.ts';
import { done } from '../done.ts';
import { beginSession } from '../own-session.ts';
import { lineServices, present } from '../present.ts';
import { type Screen, screen } from '../screen.ts';
import { startRequest } from '../start-request.ts';
import { connectTarget, findTarget, loadTarget, type Target } from '../target.ts';
import { commandAfterDashes, runHere, type TerminalCommand } from '../terminal-command.ts';

export async function run(parsed: Parsed, context: Context): Promise<number> {
  const shown = { ...screen(parsed.flags, context), json: false };
  const command = commandAfterDashes(parsed.rest, 'run');
  if (!command.ok) return done(shown, command.failure);
  const request = startRequest(parsed, context);
  if (!request.ok) return done(shown, request.failure);
  const target = await findTarget(parsed, context);
  if (!target.ok) return done(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return done(shown, stack.failure);
  const [program, ...args] = command.value;
  const file = findProgram(
    program,
    context.cwd,
    searchPath(context.cwd, context.env['PATH'] ?? '', context.machine.platform),
    context.machine.platform,
  );
  if (file === null)
    return done(
      shown,
      { code: 'E102', kind: 'command-not-found', service: 'run', command: program, path: (context.env['PATH'] ?? '').split(':') },
      127,
    );
  const begin = () => runHere(file, args, { cwd: context.cwd, env: context.env });
  const own = await beginSession(target.value, stack.value, context, { ask: null, colour: false });
  if (!own.ok) return done(shown, own.failure);
  if (own.value === 'held') return runAttached(target.value, stack.value, request.value, shown, context, begin);
  const { supervisor, close } = own.value;
  process.on('uncaughtException', (error) => supervisor.context.onBug(error));
  const cancel = cancelBySignal((exitCode) => supervisor.shutdown('ordered', { exitCode, failure: null }));
  const outcome = await runOn(supervisor, stack.value, request.value, shown, context, begin, cancel);
  const ending = await supervisor.shutdown('ordered', { exitCode: 0, failure: null });
  await close();
  return done(
    shown,
    outcome.failure ?? ending.failure,
    outcome.failure ? undefined : ending.exitCode !== 0 ? ending.exitCode : outcome.exitCode,
  );
}

async function runAttached(
  target: Target,
  stack: Stack,
  request: StartCommand,
  shown: Screen,
  context: Context,
  begin: () => TerminalCommand,
): Promise<number> {
  const session = await connectTarget(target, context);
  if (!session.ok) return done(shown, session.failure);
  const cancel = cancelBySignal(() => session.value.close());
  const outcome = await runOn(session.value, stack, request, shown, context, begin, cancel);
  if (outcome.started.length > 0) {
    const stopped = await session.value.send({ type: 'stop', services: outcome.started, withDependents: false });
    if (!stopped.ok && !outcome.failure) outcome.failure = stopped.failure;
  }
  session.value.close();
  return done(shown, outcome.failure, outcome.failure ? undefined : outcome.exitCode);
}

interface Outcome {
  exitCode: number;
  failure: Failure | null;
  readonly started: readonly string[];
}

async function runOn(
  session: Session,
  stack: Stack,
  request: StartCommand,
  shown: Screen,
  context: Context,
  begin: () => TerminalCommand,
  cancel: { off(): void },
): Promise<Outcome> {
  const presentation = present(session, shown, context, {
    services: lineServices(stack.services, request),
    logs: false,
    tree: true,
    since: 0,
  });
  const reply = await session.send(request);
  await presentation.leave();
  if (!reply.ok) return { exitCode: 1, failure: reply.failure, started: EMPTY_REPLY.started };
  cancel.off();
  const needed = new Set([...reply.value.started, ...reply.value.already]);
  const command = begin();
  const over = new AbortController();
  const lost = failureOf(session, needed, over.signal);
  const first = await Promise.race([command.exitCode, lost]);
  if (typeof first === 'number' || first === null) {
    over.abort();
    return { exitCode: await command.exitCode, failure: null, started: reply.value.started };
  }
  command.end('SIGTERM');
  await Promise.race([command.exitCode, context.machine.clock.sleep(COMMAND_GRACE_MS)]);
  command.end('SIGKILL');
  await command.exitCode;
  return { exitCode: 7, failure: first, started: reply.value.started };
}

const COMMAND_GRACE_MS = 10_000;

/** Resolves with the failure of the first needed service that fails; null when the events end otherwise. */
async function failureOf(session: Session, needed: ReadonlySet<string>, signal: AbortSignal): Promise<Failure | null> {
  for await (const event of session.events({ signal })) {
    if (event.type === 'state' && event.state === 'failed' && needed.has(event.service) && event.problem) return event.problem;
    if (event.type === 'notice' && event.notice.kind === 'failure' && event.notice.failure.code === 'E410') return event.notice.failure;
  }
  return null;
}

/** Until the command runs, signals are ours and undo the start. */
function cancelBySignal(cancel: (exitCode: number) => unknown): { off(): void } {
  const handlers = (
    [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const
  ).map(([signal, exitCode]) => {
    const handler = () => void cancel(exitCode);
    process.on(signal, handler);
    return { signal, handler };
  });
  return {
    off: () => {
      for (const { signal, handler } of handlers) process.off(signal, handler);
    },
  };
}
