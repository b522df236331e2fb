/** Asks the installed container engines about a container, through their commands. */
import type { Readable } from 'node:stream';
import { systemClock } from '../machine/clock.ts';
import { parseContainer } from '../machine/parse/container.ts';
import type { Container, ContainerProblem } from '../model/container.ts';
import { loadExeca } from './execa.ts';

export const ENGINES = ['docker', 'podman', 'nerdctl'];

export interface EngineAnswer {
  readonly ok: boolean;
  /** The output, or why the command failed. */
  readonly text: string;
  /** True if there was no answer in time. */
  readonly timedOut?: boolean;
}

export interface ToolLimits {
  /** Default: the time for a question. */
  readonly timeoutMs?: number;
  /** Aborted: the command is ended. */
  readonly over?: AbortSignal;
}

/** Null if the tool is not installed. */
export type RunTool = (tool: string, args: readonly string[], limits?: ToolLimits) => Promise<EngineAnswer | null>;

/** Much longer than a question takes: 0.4 s on a busy machine, and seconds on an overloaded one. */
const QUESTION_MS = 10_000;
/** Longer than the ten seconds that an engine gives a container to stop. */
export const ORDER_MS = 30_000;
/** A command that ignores SIGTERM is killed after this time. */
const FORCE_MS = 500;

/** Tools run in `cwd` with `env`, where the engine's address and settings are. */
export function toolsIn(cwd: string, env: Readonly<Record<string, string | undefined>>): RunTool {
  return async (tool, args, { timeoutMs = QUESTION_MS, over } = {}) => {
    const loaded = await loadExeca();
    if (typeof loaded === 'string') return { ok: false, text: loaded };
    const late = new AbortController();
    const answered = new AbortController();
    systemClock.sleep(timeoutMs, answered.signal).then(
      () => late.abort(),
      () => undefined,
    );
    const end = AbortSignal.any([late.signal, ...(over ? [over] : [])]);
    const options = {
      cwd,
      env,
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
      cancelSignal: end,
      forceKillAfterDelay: FORCE_MS,
    } as const;
    const command = loaded.execa(tool, args, options);
    closeOutput(command, end, answered.signal);
    // execa throws, even with `reject: false`, if no process could be started (EMFILE).
    const done = await command.catch((error: unknown) => String(error));
    answered.abort();
    if (typeof done === 'string') return { ok: false, text: done };
    if (done.code === 'ENOENT' || done.code === 'EACCES') return null;
    if (done.failed && end.aborted && end.reason === late.signal.reason) return unanswered(tool, timeoutMs);
    return done.failed ? { ok: false, text: done.stderr.trim() || String(done.shortMessage) } : { ok: true, text: done.stdout };
  };
}

/** execa also waits until the output is closed, which a child of a wrapper script may keep open after the script has been killed. */
function closeOutput({ stdout, stderr }: Output, end: AbortSignal, answered: AbortSignal): void {
  const close = () => {
    stdout?.destroy();
    stderr?.destroy();
  };
  if (end.aborted) close();
  else end.addEventListener('abort', close, { once: true, signal: answered });
}

/** Undefined if no process could be started (EMFILE). */
interface Output {
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
}

export function unanswered(tool: string, timeoutMs = QUESTION_MS): EngineAnswer {
  return { ok: false, text: `${tool} has not answered within ${timeoutMs / 1000} s`, timedOut: true };
}

/** The container with this name or id. If two engines know the name, a running container is preferred. */
export async function inspectContainer(name: string, run: RunTool): Promise<Container | ContainerProblem> {
  const asked: { engine: string; said: string | null }[] = [];
  let resting: Container | null = null;
  for (const engine of ENGINES) {
    const answer = await run(engine, ['container', 'inspect', name]);
    if (!answer) continue;
    const container = answer.ok ? parseContainer(answer.text, engine) : null;
    if (container?.running) return container;
    resting ??= container;
    asked.push({ engine, said: answer.ok || /no such (container|object)/i.test(answer.text) ? null : lastLine(answer.text) });
  }
  if (resting) return resting;
  return asked.length === 0 ? { kind: 'no-engine', engines: ENGINES } : { kind: 'unknown', asked };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
