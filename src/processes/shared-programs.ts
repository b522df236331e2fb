/**
 * The list of programs that devup does not treat like any other: those that users share between projects or work in, those that
 * the system needs, and those that lose data when they are killed. It is used for the membership of services, leftovers, claims,
 * `kill`, the climb to a supervisor, and the guard.
 */

export type ProgramKind =
  | 'browser'
  | 'editor'
  /** An editor that listens on ports to forward them from another machine. */
  | 'forwarding editor'
  | 'multiplexer'
  | 'terminal'
  | 'coding agent'
  | 'key agent'
  | 'container engine'
  /** An engine's own service, under which all containers run. */
  | 'container daemon'
  | 'watcher'
  | 'tunnel'
  /** Runs other programs for a user or a service: `sudo`. */
  | 'login'
  /** Init systems and log-in services: signalling one takes more down than a port. */
  | 'system service'
  | 'postgres server'
  | 'data server';

interface Treatment {
  /** Left alive if only the marker ties it to a service, which merely opened it. */
  readonly spared: boolean;
  /** The user works in it and started what runs in it, so a climb to a supervisor stops below it. */
  readonly workedIn: boolean;
  /** Why it is not ended when it holds a port; null: it is. A `kill` that names the port ends an `interactive` one. */
  readonly refusedAs: 'port-forwarder' | 'interactive' | 'system-service' | null;
  /** The signal on which it saves its data and exits. It gets a long grace, and no automatic SIGKILL. */
  readonly savesOn: 'SIGINT' | 'SIGTERM' | null;
}

export const TREATMENT: { readonly [K in ProgramKind]: Treatment } = {
  browser: { spared: true, workedIn: true, refusedAs: 'interactive', savesOn: null },
  editor: { spared: true, workedIn: true, refusedAs: 'interactive', savesOn: null },
  'forwarding editor': { spared: true, workedIn: true, refusedAs: 'port-forwarder', savesOn: null },
  multiplexer: { spared: true, workedIn: true, refusedAs: 'interactive', savesOn: null },
  terminal: { spared: true, workedIn: true, refusedAs: 'interactive', savesOn: null },
  'coding agent': { spared: true, workedIn: true, refusedAs: 'interactive', savesOn: null },
  'key agent': { spared: true, workedIn: false, refusedAs: null, savesOn: null },
  'container engine': { spared: true, workedIn: false, refusedAs: null, savesOn: null },
  'container daemon': { spared: true, workedIn: false, refusedAs: 'system-service', savesOn: null },
  watcher: { spared: true, workedIn: false, refusedAs: null, savesOn: null },
  tunnel: { spared: false, workedIn: false, refusedAs: 'port-forwarder', savesOn: null },
  login: { spared: false, workedIn: true, refusedAs: null, savesOn: null },
  'system service': { spared: false, workedIn: false, refusedAs: 'system-service', savesOn: null },
  // postgresql.org, "Shutting Down the Server": SIGTERM waits for clients, SIGINT is the fast shutdown.
  'postgres server': { spared: false, workedIn: false, refusedAs: null, savesOn: 'SIGINT' },
  'data server': { spared: false, workedIn: false, refusedAs: null, savesOn: 'SIGTERM' },
};

/**
 * Names in lower case. A name also matches if a character that is no letter follows it (`tmux: server`), except for the
 * kinds in `EXACT`: `login-api` is a service. Names of the kinds in `SPELLED` only match letter by letter: a service may be
 * called `system`.
 */
const PROGRAMS: Readonly<Record<ProgramKind, readonly string[]>> = {
  browser: [
    'chrome',
    'chromium',
    'google-chrome',
    'firefox',
    'firefox-esr',
    'safari',
    'msedge',
    'microsoft-edge',
    'chromium-browser',
    'brave',
    'opera',
    'vivaldi',
  ],
  editor: [
    'nvim',
    'vim',
    'vim.basic',
    'vim.tiny',
    'vi',
    'gvim',
    'emacs',
    'emacs-gtk',
    'emacs-nox',
    'nano',
    'zed',
    'zed-editor',
    'sublime_text',
    'gedit',
  ],
  'forwarding editor': [
    'code',
    'code-insiders',
    'code-server',
    'code helper',
    'codium',
    'cursor',
    'windsurf',
    'idea',
    'webstorm',
    'pycharm',
    'goland',
    'jetbrains-gateway',
  ],
  multiplexer: ['tmux', 'screen', 'zellij', 'byobu'],
  terminal: [
    'terminal',
    'gnome-terminal',
    'gnome-terminal-server',
    'xfce4-terminal',
    'mate-terminal',
    'lxterminal',
    'qterminal',
    'konsole',
    'kitty',
    'alacritty',
    'wezterm',
    'wezterm-gui',
    'ghostty',
    'xterm',
    'iterm2',
    'tilix',
    'terminator',
  ],
  'coding agent': ['claude', 'codex', 'aider', 'opencode', 'cursor-agent'],
  'key agent': ['ssh-agent', 'gpg-agent', 'gnome-keyring', 'gnome-keyring-daemon', 'keychain'],
  'container engine': ['podman', 'containerd-shim', 'conmon', 'colima', 'limactl', 'buildkitd'],
  'container daemon': ['dockerd', 'containerd', 'crio'],
  watcher: ['watchman', 'adb'],
  tunnel: ['ssh', 'kubectl'],
  login: ['login', 'su', 'sudo', 'script'],
  'system service': [
    'init',
    'systemd',
    'launchd',
    'sshd',
    'sshd-session',
    'kubelet',
    'dbus-daemon',
    'NetworkManager',
    'svchost.exe',
    'System',
    'services.exe',
    'lsass.exe',
    'wininit.exe',
  ],
  'postgres server': ['postgres', 'postgres.exe', 'postmaster'],
  'data server': ['mysqld', 'mariadbd', 'mongod', 'redis-server', 'valkey-server'].flatMap((name) => [name, `${name}.exe`]),
};

const EXACT: readonly ProgramKind[] = ['tunnel', 'login'];
const SPELLED: readonly ProgramKind[] = ['system service', 'postgres server', 'data server'];

/** Most terminals have the word in their name: gnome-terminal-server, xfce4-terminal, Terminal. */
const TERMINAL = /terminal/i;
/** Linux cuts the names of processes to this length. */
const NAME_BYTES = 15;

const AS_SPELLED = new Map(Object.entries(PROGRAMS).flatMap(([kind, names]) => names.map((name) => [name, kind as ProgramKind] as const)));
const KINDS = new Map([...AS_SPELLED].filter(([, kind]) => !SPELLED.includes(kind)));

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
 * As `programKind`, but only for the program itself, so that no service is refused because it is called `code-gen` or
 * `terminal-api`. Titles that a program gives itself count: `tmux: server`, `Code Helper (Renderer)`.
 */
export function exactProgramKind(name: string): ProgramKind | null {
  const lower = name.toLowerCase();
  const title = /^[^:(]*[^:( ]/.exec(lower)?.[0] ?? lower;
  const cut = lower.length === NAME_BYTES ? [...KINDS.keys()].find((known) => known.startsWith(lower)) : undefined;
  return KINDS.get(lower) ?? KINDS.get(title) ?? (cut === undefined ? null : (KINDS.get(cut) ?? null));
}

/** The treatment of the program with exactly this name, letter by letter. */
export function treatmentAsSpelled(name: string): Treatment | null {
  const kind = AS_SPELLED.get(name);
  return kind === undefined ? null : TREATMENT[kind];
}

/** True if the program is left alive when only the marker ties it to a service. */
export function isSpared(name: string): boolean {
  const kind = programKind(name);
  return kind !== null && TREATMENT[kind].spared;
}

/** True if the user works in the program. */
export function isWorkedIn(name: string): boolean {
  const kind = programKind(name);
  return kind !== null && TREATMENT[kind].workedIn;
}

/** A pattern for `case` in a shell that matches the process names of spared programs on Linux. */
export function sparedPattern(): string {
  const names = [...KINDS].filter(([, kind]) => TREATMENT[kind].spared).map(([name]) => name.slice(0, NAME_BYTES));
  const first = (name: string) => `[${name.charAt(0)}${name.charAt(0).toUpperCase()}]${name.slice(1).replace(/[^\w-]/g, '\\$&')}`;
  return [...new Set(names)]
    .flatMap((name) => [first(name), `${first(name)}[!a-zA-Z]*`])
    .concat('*[tT]erminal*')
    .join('|');
}
