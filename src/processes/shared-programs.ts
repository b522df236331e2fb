/**
 * The kinds of programs that devup treats specially: programs that users share between projects or work in, that the system needs, or that
 * lose data when they are killed. The membership of services, leftovers, claims, `kill`, the climb to a supervisor, and the guard all use
 * this list.
 */
import { PROGRAMS } from './program-names.ts';

export type ProgramKind = keyof typeof PROGRAMS;

interface Treatment {
  /**
   * When the end of a service leaves the program alive, unless the program is the service itself: `always`; `marked`: if only the marker
   * ties it to the service; null: never.
   */
  readonly spared: 'always' | 'marked' | null;
  /** The user works in the program and started the processes in it, so a climb to a supervisor stops below the program. */
  readonly workedIn: boolean;
  /**
   * Why the program is not ended if it holds a port; null: it is ended. A `kill` that names the port ends `interactive` and `shared`
   * programs, too.
   */
  readonly refusedAs: 'port-forwarder' | 'interactive' | 'shared' | 'system-service' | null;
  /** The signal on which the program saves its data and exits. Such a program gets a long grace, and no automatic SIGKILL. */
  readonly savesOn: 'SIGINT' | 'SIGTERM' | null;
}

const PERSONAL: Treatment = { spared: 'always', workedIn: true, refusedAs: 'interactive', savesOn: null };
const SHARED: Treatment = { spared: 'always', workedIn: false, refusedAs: 'shared', savesOn: null };
const ORDINARY: Treatment = { spared: null, workedIn: false, refusedAs: null, savesOn: null };

export const TREATMENT: { readonly [K in ProgramKind]: Treatment } = {
  browser: PERSONAL,
  editor: PERSONAL,
  // Listens on ports to forward them from another machine.
  'forwarding editor': { ...PERSONAL, refusedAs: 'port-forwarder' },
  multiplexer: PERSONAL,
  terminal: PERSONAL,
  'coding agent': PERSONAL,
  notebook: PERSONAL,
  application: PERSONAL,
  desktop: { ...SHARED, workedIn: true },
  'key agent': SHARED,
  // In the foreground, this program is the service, and passes the signal on to its container.
  'container engine': { ...SHARED, spared: 'marked' },
  // Below a client of its engine, this program is never a member (`membership.ts`).
  'container monitor': { ...SHARED, spared: 'marked' },
  'container daemon': { ...SHARED, refusedAs: 'system-service' },
  'virtual machine': SHARED,
  'shared daemon': SHARED,
  'sync tool': SHARED,
  tunnel: { ...ORDINARY, refusedAs: 'port-forwarder' },
  // Runs other programs for a user or a service.
  login: { ...ORDINARY, workedIn: true },
  // Signalling one takes more down than a port.
  'system service': { ...ORDINARY, refusedAs: 'system-service' },
  // postgresql.org, "Shutting Down the Server": SIGTERM waits for clients, SIGINT is the fast shutdown.
  'postgres server': { ...ORDINARY, savesOn: 'SIGINT' },
  'data server': { ...ORDINARY, savesOn: 'SIGTERM' },
};

/**
 * For a climb, a name also matches if a character that is no letter follows it (`tmux: server`), except for the kinds in
 * `EXACT`: `login-api` is a service. Names of the kinds in `SPELLED` only match letter by letter: a service may be called
 * `system`.
 */
const EXACT: readonly ProgramKind[] = ['tunnel', 'login'];
const SPELLED: readonly ProgramKind[] = ['system service', 'postgres server', 'data server'];

/** Most terminals have the word in their name: gnome-terminal-server, xfce4-terminal, Terminal. */
const TERMINAL = /terminal/i;
/** Linux cuts the names of processes to this length. */
const NAME_BYTES = 15;

const AS_SPELLED: ReadonlyMap<string, ProgramKind> = new Map(
  Object.entries(PROGRAMS).flatMap(([kind, names]) => names.map((name) => [name, kind as ProgramKind] as const)),
);
const KINDS = new Map([...AS_SPELLED].filter(([, kind]) => !SPELLED.includes(kind)));
const CUT_KINDS = new Map([...KINDS].map(([name, kind]) => [name.slice(0, NAME_BYTES), kind] as const));

/** `name`: of the process or of the executable. Null for any other program, and for the kinds in `SPELLED`. */
export function programKind(name: string): ProgramKind | null {
  const lower = name.toLowerCase();
  for (let end = lower.length; end > 0; end--) {
    if (/[a-z]/.test(lower[end] ?? '')) continue;
    const kind = KINDS.get(lower.slice(0, end));
    if (kind && (end === lower.length || !EXACT.includes(kind))) return kind;
  }
  if (TERMINAL.test(name)) return 'terminal';
  const whole = lower.length === NAME_BYTES && [...KINDS.keys()].find((known) => known.startsWith(lower));
  return whole ? (KINDS.get(whole) ?? null) : null;
}

/**
 * As `programKind`, but only for the program itself, so that no service is refused or spared because it is called `code-gen` or
 * `terminal-api`. Titles that a program gives itself count: `tmux: server`, `Code Helper (Renderer)`.
 */
export function exactProgramKind(name: string): ProgramKind | null {
  const title = titleOf(name);
  return KINDS.get(title) ?? (title.length === NAME_BYTES ? (CUT_KINDS.get(title) ?? null) : null);
}

/** The name without the suffix that a program gives to one of its processes, and without the `.exe` of Windows. */
function titleOf(name: string): string {
  const lower = name.toLowerCase();
  const title = /^[^:(]*[^:( ]/.exec(lower)?.[0] ?? lower;
  return title.replace(/ helper$|\.exe$/, '');
}

/** Options with which a program drives a browser, as Playwright, Puppeteer and WebDriver do. Nobody works in such a browser. */
const AUTOMATED = [
  'headless',
  'enable-automation',
  'remote-debugging-pipe',
  'marionette',
  'juggler',
  'juggler-pipe',
  'test-type=webdriver',
];

/** The options of `AUTOMATED`, as a pattern for `case` in a shell. */
export const AUTOMATED_WORDS = [...AUTOMATED, 'headless=*'].flatMap((word) => [`-${word}`, `--${word}`]).join('|');

/** True for the arguments of a browser that a program has started for itself, and that ends with that program. */
export function isAutomated(argv: readonly string[]): boolean {
  return argv.some((word) => word.startsWith('-') && AUTOMATED.includes(word.replace(/^--?/, '').replace(/^headless=.*/, 'headless')));
}

/** The treatment of the program with exactly this name, letter by letter. */
export function treatmentAsSpelled(name: string): Treatment | null {
  const kind = AS_SPELLED.get(name);
  return kind === undefined ? null : TREATMENT[kind];
}

/** True if the user works in the program. */
export function isWorkedIn(name: string): boolean {
  const kind = programKind(name);
  return kind !== null && TREATMENT[kind].workedIn;
}

/** Branches of `case` in a shell, which set `kind` by the title of a process on Linux, to nothing for an ordinary program. */
export function sparedCases(): string {
  const branches = Object.entries(PROGRAMS).flatMap(([kind, names]) =>
    TREATMENT[kind as ProgramKind].spared === null ? [] : [`${patternOf(names)}) kind='${kind}' ;;`],
  );
  return [...branches, `*) kind='' ;;`].join('\n');
}

/** The pattern spells out both cases, since a shell has no pattern that ignores case. */
function patternOf(names: readonly string[]): string {
  const cut = new Set(names.map((name) => name.slice(0, NAME_BYTES)));
  return [...cut]
    .map((name) => name.replace(/[a-z]|[^\w-]/g, (char) => (/[a-z]/.test(char) ? `[${char}${char.toUpperCase()}]` : `\\${char}`)))
    .join('|');
}
