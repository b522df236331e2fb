/** The whole program: every command, and everything that was typed wrongly. */
import path from 'node:path';
import type { Invocation } from '../app/context.ts';
import { LAUNCHED_WORD } from '../app/session/launch.ts';
import { RELOAD_WORD } from '../app/session/reload.ts';
import { findConfig } from '../config/find/find.ts';
import { loadStack } from '../config/load.ts';
import type { Context, Flags, Parsed, Run } from './context.ts';
import { contextFor, contextIn } from './context-for.ts';
import { done } from './done.ts';
import { guarded } from './guarded.ts';
import { helpText } from './help.ts';
import { parse, splitRest } from './parse.ts';
import { screen } from './screen.ts';

/** Imported when they are needed: none waits for the packages of another. */
const COMMANDS: Readonly<Record<string, () => Promise<Run>>> = {
  '': async () => (await import('./commands/bare.ts')).bare,
  start: async () => (await import('./commands/start.ts')).start,
  stop: async () => (await import('./commands/stop.ts')).stop,
  restart: async () => (await import('./commands/restart.ts')).restart,
  status: async () => (await import('./commands/status.ts')).status,
  kill: async () => (await import('./commands/kill.ts')).kill,
  logs: async () => (await import('./commands/logs.ts')).logs,
  run: async () => (await import('./commands/run.ts')).run,
  wait: async () => (await import('./commands/wait.ts')).wait,
  exec: async () => (await import('./commands/exec.ts')).exec,
  debug: async () => (await import('./commands/debug.ts')).debug,
  ports: async () => (await import('./commands/ports.ts')).ports,
  check: async () => (await import('./commands/check.ts')).check,
  graph: async () => (await import('./commands/graph.ts')).graph,
  env: async () => (await import('./commands/env.ts')).env,
  open: async () => (await import('./commands/open.ts')).open,
  add: async () => (await import('./commands/add.ts')).add,
  docs: async () => (await import('./commands/docs.ts')).docs,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  explain: async () => (await import('./commands/explain.ts')).explain,
};

const CONFIGS = { find: findConfig, load: loadStack };

/** Resolves with the exit code. */
export async function main(invocation: Invocation): Promise<number> {
  const [first, ...more] = invocation.argv;
  if (first === RELOAD_WORD) return reload(invocation, more[0] ?? '');
  if (first === LAUNCHED_WORD) return supervisor({ ...invocation, argv: more });
  const line = parse(invocation.argv);
  const flags = line.kind === 'parsed' ? line.parsed.flags : outputFlags(invocation.argv);
  const context = contextFor(invocation, flags, CONFIGS);
  // What is said without a folder is said all the same.
  const shown = screen(flags, context.ok ? context.value : contextIn('/', invocation, CONFIGS));
  switch (line.kind) {
    case 'help':
    case 'version':
      await shown.out.write(line.kind === 'help' ? helpText(line.command, process.stdout.columns) : `${__DEVUP_VERSION__}\n`);
      return done(shown, null);
    case 'failure':
      return done(shown, line.failure);
    case 'parsed':
      return context.ok ? runCommand(line.parsed, context.value) : done(shown, context.failure);
  }
}

/** Of a command line that was not understood: how to tell that. What stands behind `--` is another program's. */
function outputFlags(argv: readonly string[]): Flags {
  const { before } = splitRest(argv);
  return { json: before.includes('--json'), 'no-color': before.includes('--no-color') };
}

async function runCommand(parsed: Parsed, context: Context): Promise<number> {
  const load = COMMANDS[parsed.command];
  if (!load) throw new Error(`the table of commands has ${parsed.command}, but nothing runs it`);
  return guarded(async (...given) => (await load())(...given), parsed, context);
}

/** The child that reads a config for a running session. */
async function reload(invocation: Invocation, file: string): Promise<number> {
  const { answerReload } = await import('../app/session/reload.ts');
  const { env, machine, version } = withoutFolder(invocation);
  return answerReload(() =>
    loadStack({ file, root: path.dirname(file) }, { env, platform: machine.platform, clock: machine.clock, version }),
  );
}

/** The supervisor behind `start -d`. */
async function supervisor(invocation: Invocation): Promise<number> {
  const { launched } = await import('./launched.ts');
  const line = parse(invocation.argv);
  if (line.kind !== 'parsed') throw new Error(`not understood by the launched process: ${invocation.argv.join(' ')}`);
  return launched(line.parsed, withoutFolder(invocation));
}

function withoutFolder(invocation: Invocation): Context {
  const context = contextFor(invocation, {}, CONFIGS);
  if (!context.ok) throw new Error('the working directory needs no look');
  return context.value;
}

export type { Invocation } from '../app/context.ts';
