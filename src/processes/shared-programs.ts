/**
 * Programs that people share between projects or work in: the one list of them. Its readers are the membership of
 * services, the sweep of leftovers, claims, `kill`, the climb to a supervisor, and the guard.
 */

export type ProgramKind =
  | 'browser'
  | 'editor'
  /** An editor that listens on ports of this machine to forward them from another one. */
  | 'forwarding editor'
  | 'multiplexer'
  | 'terminal'
  | 'coding agent'
  | 'key agent'
  | 'container engine'
  | 'watcher'
  | 'tunnel'
  /** Runs other programs for a person, or for a service: `sudo`. */
  | 'login';

interface Treatment {
  /** Left alive where nothing but the marker ties it to a service: the service merely opened it. */
  readonly spared: boolean;
  /** A person works in it: what runs in it is not its doing, so a climb to a supervisor stops below it. */
  readonly workedIn: boolean;
  /** Whether it is ended when it holds a port: by nobody, by a `kill` that names the port, or by a claim as well. */
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
 * In lower case. A program is one of them by this name, also with something behind it that is no letter (`tmux: server`), but
 * for the two kinds of which `EXACT` holds the names: `login-api` is a service.
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
    'brave',
    'opera',
    'vivaldi',
  ],
  editor: ['nvim', 'vim', 'vi', 'gvim', 'emacs', 'nano', 'zed', 'zed-editor', 'sublime_text', 'gedit'],
  'forwarding editor': [
    'code',
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
  terminal: ['konsole', 'kitty', 'alacritty', 'wezterm', 'wezterm-gui', 'ghostty', 'xterm', 'iterm2', 'tilix', 'terminator'],
  'coding agent': ['claude', 'codex', 'aider', 'opencode', 'cursor-agent'],
  'key agent': ['ssh-agent', 'gpg-agent', 'gnome-keyring', 'gnome-keyring-daemon', 'keychain'],
  'container engine': ['dockerd', 'podman', 'containerd', 'containerd-shim', 'conmon', 'colima', 'limactl', 'crio', 'buildkitd'],
  watcher: ['watchman', 'adb'],
  tunnel: ['ssh', 'kubectl'],
  login: ['login', 'su', 'sudo', 'script'],
};

const EXACT: readonly ProgramKind[] = ['tunnel', 'login'];

/** Terminals are many, and call themselves so: gnome-terminal-server, xfce4-terminal, Terminal. */
const TERMINAL = /terminal/i;
/** Linux keeps so many bytes of a process's name. */
const NAME_BYTES = 15;

const KINDS = new Map(Object.entries(PROGRAMS).flatMap(([kind, names]) => names.map((name) => [name, kind as ProgramKind] as const)));

/** `name`: as the kernel keeps it, or of the executable. Null: a program like any other. */
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

/** It is left alive where nothing but the marker ties it to a service. */
export function isSpared(name: string): boolean {
  const kind = programKind(name);
  return kind !== null && TREATMENT[kind].spared;
}

/** A person works in it. */
export function isWorkedIn(name: string): boolean {
  const kind = programKind(name);
  return kind !== null && TREATMENT[kind].workedIn;
}

/** The spared ones as a pattern of `case` in a shell, for names as Linux keeps them. */
export function sparedPattern(): string {
  const names = [...KINDS].filter(([, kind]) => TREATMENT[kind].spared).map(([name]) => name.slice(0, NAME_BYTES));
  const first = (name: string) => `[${name.charAt(0)}${name.charAt(0).toUpperCase()}]${name.slice(1).replace(/[^\w-]/g, '\\$&')}`;
  return [...new Set(names)]
    .flatMap((name) => [first(name), `${first(name)}[!a-zA-Z]*`])
    .concat('*[tT]erminal*')
    .join('|');
}
