/** Commands that run a stack, or show a running one. */
import { GRACE_MS } from '../../model/graces.ts';
import type { SessionCommand } from './names.ts';
import { type CommandTable, type FlagSpec, MANY, SERVICES } from './spec.ts';

const WITH_DEPENDENTS: FlagSpec = { long: 'with-dependents', summary: 'first stop the services that depend on them' };
const WHOLE_TIMEOUT: FlagSpec = {
  long: 'timeout',
  value: { name: 'duration', kind: 'duration' },
  summary: 'time limit for the whole command (30s, 2m)',
};

const FORCE: FlagSpec = {
  long: 'force',
  summary: 'go on even if a session seems to run in another container or network namespace',
};

export const SESSION_COMMANDS: CommandTable<SessionCommand> = {
  start: {
    name: 'start',
    bundle: 'session',
    run: async () => (await import('../commands/start.ts')).start,
    summary: 'start the stack, or the named services and what they need',
    words: SERVICES,
    rest: false,
    flags: [
      { long: 'detach', short: 'd', summary: 'return when all are ready; the session keeps running in the background' },
      { long: 'dry-run', summary: 'show the plan, who holds its ports, and what a start would do about them' },
      {
        long: 'on-conflict',
        value: { name: 'policy', kind: 'conflict' },
        summary: 'what to do about held ports: kill, ask or fail (default: as the config says)',
      },
      { long: 'take-over', summary: 'stop services of other stacks that hold the ports, through their sessions' },
      { long: 'no-deps', summary: 'only the named services, without what they need' },
      {
        long: 'with',
        value: { name: 'service', kind: 'list' },
        summary: 'optional services to start as well (repeat it, or separate them with commas)',
      },
      { long: 'profile', value: { name: 'name', kind: 'list' }, summary: 'start the optional services of this profile as well' },
      WHOLE_TIMEOUT,
      FORCE,
      { long: 'keep-going', summary: 'if a service fails, leave the others running' },
      { long: 'exit-on-failure', summary: 'stop everything and exit as soon as a running service fails for good' },
    ],
    examples: [
      ['devup start', 'everything, in the foreground; Ctrl-C stops it'],
      ['devup start -d', 'everything, in the background, once it is ready'],
      ['devup start backend', 'backend and what it needs'],
      ['devup start --dry-run', 'what would happen'],
    ],
    otherNames: ['up', 'serve', 'dev', 'begin', 'launch'],
  },
  stop: {
    name: 'stop',
    bundle: 'short',
    run: async () => (await import('../commands/stop.ts')).stop,
    summary: 'stop the stack, or the named services, and wait until they have ended and their ports are free',
    words: SERVICES,
    rest: false,
    flags: [WITH_DEPENDENTS, FORCE],
    examples: [
      ['devup stop', 'everything, in reverse order'],
      ['devup stop backend', 'only backend'],
      ['devup stop postgres --with-dependents', 'what needs postgres, then postgres'],
    ],
    otherNames: ['down', 'end', 'quit', 'shutdown'],
  },
  restart: {
    name: 'restart',
    bundle: 'session',
    run: async () => (await import('../commands/restart.ts')).restart,
    summary: 'stop and start again, with the config as it is now',
    words: SERVICES,
    rest: false,
    flags: [{ long: 'with-dependents', summary: 'also restart the services that depend on them' }],
    examples: [
      ['devup restart backend', 'only backend; what depends on it keeps running'],
      ['devup restart', 'everything'],
    ],
    otherNames: ['reload', 'reboot'],
  },
  status: {
    name: 'status',
    bundle: 'short',
    run: async () => (await import('../commands/status.ts')).status,
    summary: 'show what runs and who holds the ports; sends no signals',
    words: SERVICES,
    rest: false,
    flags: [{ long: 'watch', short: 'w', summary: 'redraw the status every second, on a terminal' }],
    examples: [
      ['devup status', 'all services; exits 1 if a required one is not ready'],
      ['devup status backend --json', 'one service, for a program'],
    ],
    otherNames: ['ps', 'ls', 'list', 'st', 'info'],
  },
  kill: {
    name: 'kill',
    bundle: 'short',
    run: async () => (await import('../commands/kill.ts')).kill,
    summary: 'free ports: end the processes that listen on them',
    words: { name: 'port|from-to|service', least: 1, most: MANY },
    rest: false,
    flags: [
      { long: 'dry-run', summary: 'only show what would happen' },
      { long: 'force', short: 'f', summary: 'also kill database servers that do not end in time' },
      { long: 'signal', value: { name: 'signal', kind: 'signal' }, summary: 'the signal to send first (default TERM)' },
      {
        long: 'timeout',
        value: { name: 'duration', kind: 'duration' },
        summary: `time between the first signal and SIGKILL (default ${GRACE_MS.holder / 1000}s)`,
      },
    ],
    examples: [
      ['devup kill 8002', 'end what listens on 8002'],
      ['devup kill 3000-3010 :8080', 'several ports'],
      ['devup kill 8002 --dry-run', 'show what would be ended'],
      ['devup kill backend', 'the ports of a service'],
    ],
    otherNames: ['free', 'killport', 'kill-port'],
  },
  logs: {
    name: 'logs',
    bundle: 'short',
    run: async () => (await import('../commands/logs.ts')).logs,
    summary: 'show what the services printed, also when nothing runs',
    words: SERVICES,
    rest: false,
    flags: [
      { long: 'follow', short: 'f', summary: 'keep printing what they write' },
      { long: 'lines', short: 'n', value: { name: 'count', kind: 'count' }, summary: 'only the last lines of each service' },
      { long: 'since', value: { name: 'when', kind: 'since' }, summary: 'only lines since then: 10m (ago), or 2026-11-22T09:12' },
      { long: 'grep', value: { name: 'pattern', kind: 'pattern' }, summary: 'only lines that match this regular expression' },
      { long: 'no-prefix', summary: 'do not print the name of the service before each line' },
    ],
    examples: [
      ['devup logs -f', 'all services, and what they print next'],
      ['devup logs backend -n 50', 'the last 50 lines of backend'],
      ['devup logs --since 10m --grep "ERROR|WARN"', 'what went wrong in the last ten minutes'],
    ],
    otherNames: ['log', 'tail', 'echo'],
  },
  run: {
    name: 'run',
    bundle: 'session',
    run: async () => (await import('../commands/run.ts')).run,
    summary: 'start what is missing, wait until it is ready, run a command, stop what was started',
    words: SERVICES,
    rest: true,
    flags: [WHOLE_TIMEOUT],
    examples: [
      ['devup run -- npm test', 'with the whole stack; exits as npm test does'],
      ['devup run backend -- pytest', 'with backend and what it needs'],
    ],
    otherNames: ['test', 'with'],
  },
  wait: {
    name: 'wait',
    bundle: 'session',
    run: async () => (await import('../commands/wait.ts')).wait,
    summary: 'wait until services are ready; starts nothing',
    words: SERVICES,
    rest: false,
    flags: [WHOLE_TIMEOUT],
    examples: [['devup wait backend --timeout 60s', 'exits 0 when it is ready, 5 when it takes longer, 7 when it failed']],
    otherNames: ['await'],
  },
  exec: {
    name: 'exec',
    bundle: 'session',
    run: async () => (await import('../commands/exec.ts')).exec,
    summary: 'run a command in the folder and with the environment of a service',
    words: { name: 'service', least: 1, most: 1 },
    rest: true,
    flags: [],
    examples: [['devup exec backend -- python manage.py shell', 'a shell with the settings of backend']],
    otherNames: ['sh', 'shell', 'attach'],
  },
  debug: {
    name: 'debug',
    bundle: 'session',
    run: async () => (await import('../commands/debug.ts')).debug,
    summary: 'run a service on this terminal, on its port, and return it to the session afterwards',
    words: { name: 'service', least: 1, most: 1 },
    rest: 'optional',
    flags: [],
    examples: [
      ['devup debug backend', 'its own command, so that pdb at a breakpoint() gets your keys'],
      ['devup debug backend -- python -m pdb manage.py runserver 8000 --noreload', 'another command in its place'],
    ],
    otherNames: ['fg', 'connect', 'foreground'],
  },
};
