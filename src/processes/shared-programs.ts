/**
 * The list of programs that users share between projects or work in. It is used for the membership of services, leftovers,
 * claims, `kill`, the climb to a supervisor, and the guard.
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
  | 'watcher'
  | 'tunnel'
  /** Runs other programs for a user or a service: `sudo`. */
  | 'login';

interface Treatment {
  /** Left alive if only the marker ties it to a service, which merely opened it. */
  readonly spared: boolean;
  /** The user works in it and started what runs in it, so a climb to a supervisor stops below it. */
  readonly workedIn: boolean;
  /** The commands that may end it when it holds a port: none, a `kill` that names the port, or also a claim. */
  readonly endedBy: 'nobody' | 'kill' | 'claim';
}

export const TREATMENT: { readonly [K in ProgramKind]: Treatment } = {
  browser: { spared: true, workedIn: true, endedBy: 'kill' },
  editor: { spared: true, workedIn: true, endedBy: 'kill' },
  'forwarding editor': { spared: true, workedIn: true, endedBy: 'nobody' },
  multiplexer: { spared: true, workedIn: true, endedBy: 'kill' },
  terminal: { spared: true, workedIn: true, endedBy: 'kill' },
  'coding agent': { spared: true, workedIn: true, endedBy: 'kill' },
  'key agent': { spared: true, workedIn: false, endedBy: 'claim' },
  'container engine': { spared: true, workedIn: false, endedBy: 'claim' },
  watcher: { spared: true, workedIn: false, endedBy: 'claim' },
  tunnel: { spared: false, workedIn: false, endedBy: 'nobody' },
  login: { spared: false, workedIn: true, endedBy: 'claim' },
};

/**
 * Names in lower case. A name also matches if a character that is no letter follows it (`tmux: server`), except for the
 * kinds in `EXACT`: `login-api` is a service.
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
  'container engine': ['dockerd', 'podman', 'containerd', 'containerd-shim', 'conmon', 'colima', 'limactl', 'crio', 'buildkitd'],
  watcher: ['watchman', 'adb'],
  tunnel: ['ssh', 'kubectl'],
  login: ['login', 'su', 'sudo', 'script'],
};

const EXACT: readonly ProgramKind[] = ['tunnel', 'login'];

/** Most terminals have the word in their name: gnome-terminal-server, xfce4-terminal, Terminal. */
const TERMINAL = /terminal/i;
/** Linux cuts the names of processes to this length. */
const NAME_BYTES = 15;

const KINDS = new Map(Object.entries(PROGRAMS).flatMap(([kind, names]) => names.map((name) => [name, kind as ProgramKind] as const)));

/** `name`: of the process or of the executable. Null for any other program. */
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
