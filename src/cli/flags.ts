/**
 * Every command with its words, flags and examples: one plain table. The fast parser (`parse.ts`), commander
 * (`commander.ts`), the help and the check of `docs/commands.md` read nothing else.
 */

/** What the text behind a flag must be; the check of each is in `values.ts`. */
export type ValueKind =
  | 'text'
  | 'list'
  | 'duration'
  | 'count'
  | 'port'
  | 'pattern'
  | 'since'
  | 'signal'
  | 'conflict'
  | 'format'
  | 'drawing';

export interface FlagSpec {
  /** Without its dashes; the key in `Parsed.flags`. */
  readonly long: string;
  readonly short?: string;
  /** Absent: the flag stands alone. A `list` may be given several times, and is kept comma-separated. */
  readonly value?: { readonly name: string; readonly kind: ValueKind };
  readonly summary: string;
}

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly words: { readonly name: string; readonly least: number; readonly most: number };
  /** Behind `--` stands another program's command line. */
  readonly rest: boolean | 'optional';
  readonly flags: readonly FlagSpec[];
  /** What is typed, and what it does. Help shows these first. */
  readonly examples: readonly (readonly [string, string])[];
  /** What people who come from other tools type; suggested, never run. */
  readonly elsewhere: readonly string[];
}

const JSON_FLAG: FlagSpec = { long: 'json', summary: 'print JSON' };

export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { long: 'directory', short: 'C', value: { name: 'dir', kind: 'text' }, summary: 'as if typed in this folder' },
  { long: 'config', value: { name: 'file', kind: 'text' }, summary: 'this config instead of the nearest one' },
  JSON_FLAG,
  { long: 'no-color', summary: 'no colours' },
  { long: 'debug', summary: 'show stack traces' },
];

const MANY = Number.POSITIVE_INFINITY;
const SERVICES = { name: 'service', least: 0, most: MANY };
const WITH_DEPENDENTS: FlagSpec = { long: 'with-dependents', summary: 'stop what depends on them as well, first' };
const WHOLE_TIMEOUT: FlagSpec = {
  long: 'timeout',
  value: { name: 'duration', kind: 'duration' },
  summary: 'give up after this long, the whole command (30s, 2m)',
};

const FORCE: FlagSpec = {
  long: 'force',
  summary: 'although a session seems to live in another container or network namespace',
};

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'start',
    summary: 'start the stack, or the named services and what they need',
    words: SERVICES,
    rest: false,
    flags: [
      { long: 'detach', short: 'd', summary: 'return when all are ready; the session goes on in the background' },
      { long: 'dry-run', summary: 'show the plan, who holds its ports, and what a start would do to them' },
      {
        long: 'on-conflict',
        value: { name: 'policy', kind: 'conflict' },
        summary: 'kill, ask or fail, instead of what the config says of held ports',
      },
      { long: 'take-over', summary: 'stop services of other stacks that hold the ports, through their session' },
      { long: 'no-deps', summary: 'only the named services, without what they need' },
      { long: 'with', value: { name: 'service', kind: 'list' }, summary: 'optional services to start as well (again, or with commas)' },
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
    elsewhere: ['up', 'serve', 'dev', 'begin', 'launch'],
  },
  {
    name: 'stop',
    summary: 'stop the stack, or the named services, and wait until they and their ports are gone',
    words: SERVICES,
    rest: false,
    flags: [WITH_DEPENDENTS, FORCE],
    examples: [
      ['devup stop', 'everything, in reverse order'],
      ['devup stop backend', 'only backend'],
      ['devup stop postgres --with-dependents', 'what needs postgres, then postgres'],
    ],
    elsewhere: ['down', 'end', 'quit', 'shutdown'],
  },
  {
    name: 'restart',
    summary: 'stop and start again, with the config as it is now',
    words: SERVICES,
    rest: false,
    flags: [{ long: 'with-dependents', summary: 'restart what depends on them as well' }],
    examples: [
      ['devup restart backend', 'only backend; what depends on it stays'],
      ['devup restart', 'everything'],
    ],
    elsewhere: ['reload', 'reboot'],
  },
  {
    name: 'status',
    summary: 'what runs, and who holds the ports; signals nobody',
    words: SERVICES,
    rest: false,
    flags: [{ long: 'watch', short: 'w', summary: 'draw it again every second, on a terminal' }],
    examples: [
      ['devup status', 'all services; exits 1 when one that is required is not ready'],
      ['devup status backend --json', 'one service, for a program'],
    ],
    elsewhere: ['ps', 'ls', 'list', 'st', 'info'],
  },
  {
    name: 'kill',
    summary: 'free ports: stop whoever listens on them',
    words: { name: 'port|from-to|service', least: 1, most: MANY },
    rest: false,
    flags: [
      { long: 'dry-run', summary: 'only say what would happen' },
      { long: 'force', short: 'f', summary: 'kill database servers too if they do not end in time' },
      { long: 'signal', value: { name: 'signal', kind: 'signal' }, summary: 'ask with this signal first (default TERM)' },
      { long: 'timeout', value: { name: 'duration', kind: 'duration' }, summary: 'from the signal to KILL (default 5s)' },
    ],
    examples: [
      ['devup kill 8002', 'whoever listens on 8002'],
      ['devup kill 3000-3010 :8080', 'several ports'],
      ['devup kill 8002 --dry-run', 'who that would be'],
      ['devup kill backend', 'the ports of a service'],
    ],
    elsewhere: ['free', 'killport', 'kill-port'],
  },
  {
    name: 'logs',
    summary: 'what the services printed; also when nothing runs',
    words: SERVICES,
    rest: false,
    flags: [
      { long: 'follow', short: 'f', summary: 'go on with what they print from now on' },
      { long: 'lines', short: 'n', value: { name: 'count', kind: 'count' }, summary: 'only the last lines of each service' },
      { long: 'since', value: { name: 'when', kind: 'since' }, summary: 'only since then: 10m ago, or 2026-11-22T09:12' },
      { long: 'grep', value: { name: 'pattern', kind: 'pattern' }, summary: 'only lines that match this regular expression' },
      { long: 'no-prefix', summary: 'without the name of the service before each line' },
    ],
    examples: [
      ['devup logs -f', 'all services, and on'],
      ['devup logs backend -n 50', 'the last 50 lines of backend'],
      ['devup logs --since 10m --grep "ERROR|WARN"', 'what went wrong in the last ten minutes'],
    ],
    elsewhere: ['log', 'tail', 'echo'],
  },
  {
    name: 'run',
    summary: 'start what is missing, wait until it is ready, run a command, stop what was started',
    words: SERVICES,
    rest: true,
    flags: [WHOLE_TIMEOUT],
    examples: [
      ['devup run -- npm test', 'with the whole stack; exits as npm test does'],
      ['devup run backend -- pytest', 'with backend and what it needs'],
    ],
    elsewhere: ['test', 'with'],
  },
  {
    name: 'wait',
    summary: 'wait until services are ready; starts nothing',
    words: SERVICES,
    rest: false,
    flags: [WHOLE_TIMEOUT],
    examples: [['devup wait backend --timeout 60s', 'exits 0 when it is ready, 5 when it takes longer, 7 when it failed']],
    elsewhere: ['await'],
  },
  {
    name: 'exec',
    summary: 'run a command in the folder and with the environment of a service',
    words: { name: 'service', least: 1, most: 1 },
    rest: true,
    flags: [],
    examples: [['devup exec backend -- python manage.py shell', 'a shell with the settings of backend']],
    elsewhere: ['sh', 'shell', 'attach'],
  },
  {
    name: 'debug',
    summary: 'run a service on this terminal, on its port, and give it back to the session afterwards',
    words: { name: 'service', least: 1, most: 1 },
    rest: 'optional',
    flags: [],
    examples: [
      ['devup debug backend', 'its own command: a breakpoint() of pdb answers to your keys'],
      ['devup debug backend -- python -m pdb manage.py runserver 8000 --noreload', 'another command in its place'],
    ],
    elsewhere: ['fg', 'connect', 'foreground'],
  },
  {
    name: 'ports',
    summary: 'the ports of the stack against the machine: who listens where',
    words: { name: 'port|from-to|service', least: 0, most: MANY },
    rest: false,
    flags: [
      { long: 'all', short: 'a', summary: 'every listener of the machine' },
      { long: 'next', value: { name: 'range', kind: 'text' }, summary: 'the lowest port of the range that is free and declared by nobody' },
    ],
    examples: [
      ['devup ports', 'the ports of the config'],
      ['devup ports 8002', 'everything about who listens there'],
      ['devup ports --all', 'every listener of the machine'],
      ['devup ports --next 3000-3099', 'a port for a new service'],
      ['devup ports --next backend', 'the same, of a range of the config'],
    ],
    elsewhere: ['port', 'netstat', 'listeners'],
  },
  {
    name: 'check',
    summary: 'compare the ports in the files of the repository with the config',
    words: { name: 'nothing', least: 0, most: 0 },
    rest: false,
    flags: [
      { long: 'fix', summary: 'show what can be corrected safely, and write it' },
      { long: 'live', summary: 'compare the running stack with the config instead of files' },
      { long: 'format', value: { name: 'format', kind: 'format' }, summary: 'text, json, github or sarif (default text)' },
    ],
    examples: [
      ['devup check', 'where package.json, .env, compose, documents, … disagree'],
      ['devup check --fix', 'put the right ports in their place'],
      ['devup check --live', 'who really listens, and whether origins, links and routes answer'],
      ['devup check --format=github', 'as annotations of a workflow'],
    ],
    elsewhere: ['lint', 'verify', 'validate', 'drift'],
  },
  {
    name: 'graph',
    summary: 'what starts after what, in which wave, and on which condition',
    words: SERVICES,
    rest: false,
    flags: [{ long: 'format', value: { name: 'format', kind: 'drawing' }, summary: 'text, mermaid or dot (default text)' }],
    examples: [
      ['devup graph', 'the whole stack as a tree'],
      ['devup graph frontend', 'frontend and what it needs'],
      ['devup graph --format=mermaid', 'for a Markdown file'],
    ],
    elsewhere: ['tree', 'deps', 'viz', 'plan'],
  },
  {
    name: 'env',
    summary: 'the variables that a service gets, as lines of a .env file',
    words: { name: 'service', least: 1, most: 1 },
    rest: false,
    flags: [{ long: 'all', short: 'a', summary: 'also those it inherits from this shell' }],
    examples: [
      ['devup env backend', 'what devup, the config and envFile set'],
      ['devup env backend --json', 'for a program'],
    ],
    elsewhere: ['environment', 'printenv', 'vars'],
  },
  {
    name: 'open',
    summary: 'open a service, or one of its links, in the browser',
    words: { name: 'service[:link]', least: 0, most: 1 },
    rest: false,
    flags: [{ long: 'print', summary: 'only print the address' }],
    examples: [
      ['devup open', 'the frontend'],
      ['devup open backend:admin', 'the link Admin of backend'],
    ],
    elsewhere: ['browse', 'url', 'visit'],
  },
  {
    name: 'add',
    summary: 'give a new service a port, and write it into the config and every file that lists its siblings',
    words: { name: 'service', least: 1, most: 1 },
    rest: false,
    flags: [
      {
        long: 'category',
        value: { name: 'name', kind: 'text' },
        summary: 'whose range the port comes from, and whose services are the model',
      },
      { long: 'port', value: { name: 'port', kind: 'port' }, summary: 'this port (default: the next free one of the range)' },
      {
        long: 'command',
        value: { name: 'command', kind: 'text' },
        summary: "what to run (default: as the nearest sibling, with the new service's name and port)",
      },
      {
        long: 'cwd',
        value: { name: 'folder', kind: 'text' },
        summary: 'where to run it, relative to the config (default: as the nearest sibling)',
      },
      { long: 'description', value: { name: 'text', kind: 'text' }, summary: 'for the config and the document' },
      { long: 'dry-run', summary: 'only show the difference' },
      { long: 'yes', short: 'y', summary: 'write without asking; without a terminal nothing is asked' },
    ],
    examples: [
      ['devup add billing --category backend', 'the next free port of the backends, and everything modelled on the nearest one'],
      ['devup add billing --category backend --dry-run', 'what would be written'],
      ['devup add mailhog --port 8025 --command mailhog', 'a service with a port of its own'],
    ],
    elsewhere: ['new', 'create', 'generate', 'scaffold'],
  },
  {
    name: 'docs',
    summary: 'write the document on the ports, from the config, between markers in a Markdown file',
    words: { name: 'nothing', least: 0, most: 0 },
    rest: false,
    flags: [
      { long: 'file', value: { name: 'file', kind: 'text' }, summary: 'the file (default: the one with the markers, or PORTS.md)' },
      { long: 'check', summary: 'write nothing; exit 6 when the file is not what the config says' },
      { long: 'stdout', summary: 'print it instead' },
    ],
    examples: [
      ['devup docs', 'PORTS.md, or whichever file has the markers'],
      ['devup docs --check', 'for CI'],
    ],
    elsewhere: ['doc', 'document', 'readme'],
  },
  {
    name: 'doctor',
    summary: 'a report on this machine and this stack, to paste into an issue',
    words: { name: 'nothing', least: 0, most: 0 },
    rest: false,
    flags: [],
    examples: [
      ['devup doctor', 'exits 1 when something is wrong'],
      ['devup doctor --json', 'for a program'],
    ],
    elsewhere: ['diagnose', 'support', 'report'],
  },
  {
    name: 'explain',
    summary: 'what a code of an error means, and what to do about it',
    words: { name: 'code', least: 0, most: 1 },
    rest: false,
    flags: [],
    examples: [
      ['devup explain E104', 'why a service is not ready, and what helps'],
      ['devup explain', 'every code'],
    ],
    elsewhere: ['why', 'error', 'errors'],
  },
];

export function commandNamed(name: string): CommandSpec | null {
  return COMMANDS.find((command) => command.name === name) ?? null;
}
