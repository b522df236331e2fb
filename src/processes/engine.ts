/** Asks the installed container engines about a container, through their commands. */
import { parseContainer } from '../machine/parse/container.ts';
import type { Container, ContainerProblem } from '../model/container.ts';
import { loadExeca } from './execa.ts';

export const ENGINES = ['docker', 'podman', 'nerdctl'];

/** The output of a tool, or why it failed; null if the tool is not installed. */
export type RunTool = (
  tool: string,
  args: readonly string[],
  timeoutMs?: number,
) => Promise<{ readonly ok: boolean; readonly text: string } | null>;

/** Longer than any query takes, and than the ten seconds that an engine gives a container to stop. */
const TOOL_TIMEOUT_MS = 30_000;

/** Tools run in `cwd` with `env`, where the engine's address and settings are. */
export function toolsIn(cwd: string, env: Readonly<Record<string, string | undefined>>): RunTool {
  return async (tool, args, timeoutMs = TOOL_TIMEOUT_MS) => {
    const loaded = await loadExeca();
    if (typeof loaded === 'string') return { ok: false, text: loaded };
    const options = { cwd, env, extendEnv: false, stdin: 'ignore', reject: false, timeout: timeoutMs } as const;
    // execa throws, even with `reject: false`, if no process could be started (EMFILE).
    const done = await loaded.execa(tool, args, options).catch((error: unknown) => String(error));
    if (typeof done === 'string') return { ok: false, text: done };
    if (done.code === 'ENOENT' || done.code === 'EACCES') return null;
    return done.failed ? { ok: false, text: done.stderr.trim() || String(done.shortMessage) } : { ok: true, text: done.stdout };
  };
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
