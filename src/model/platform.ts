/**
 * The facts of an operating system. Each system states its facts in its own file under `src/machine`; everything else
 * asks for a fact, never for the system's name.
 */

/** The systems for which a config can declare a command. */
export type PlatformName = 'linux' | 'darwin' | 'win32';

export interface Platform {
  /** Shown to people, and a key of a `command` that differs between platforms. It is never compared. */
  readonly name: PlatformName;
  readonly shell: Shell;
  /** Endings of a program's file name, in the order in which they are tried. */
  readonly programEndings: readonly string[];
  /** The folder of a Python virtual environment that holds its programs. */
  readonly venvPrograms: string;
  /** Processes form groups and sessions, and a signal reaches a whole group. */
  readonly hasProcessGroups: boolean;
  /** Processes are read from files, in microseconds; elsewhere each read runs a program. */
  readonly processesAreFiles: boolean;
  /** The kind of lock that only one supervisor of a stack can hold. */
  readonly lock: 'abstract-socket' | 'lock-file' | 'named-pipe';
  /** The user's folder for caches. */
  cachesFolder(env: Readonly<Record<string, string | undefined>>): string;
  readonly desktop: Desktop;
  /** The AirPlay Receiver, which macOS restarts when it is killed. */
  readonly airPlay: { readonly program: string; readonly ports: readonly number[] } | null;
  readonly commands: ProposedCommands;
  /** The system's programs that devup runs. */
  readonly tools: {
    /** Tools without which a part of devup does not work. */
    readonly needed: readonly string[];
    /** Tools that devup uses where they are installed. */
    readonly optional: readonly string[];
  };
}

/** Commands that devup proposes to its user, and never runs; null: the system has none. */
export interface ProposedCommands {
  /** The user that may do anything. */
  readonly administrator: string;
  asAdministrator(command: string): string;
  /** `ask`: the process may still save its work. */
  end(pids: readonly (number | string)[], how: 'ask' | 'force'): string;
  /** Lists the listeners of a port, with their processes. */
  listListeners(port: number): string;
  /** Lists the listeners of a port and every other socket on it. */
  listSockets(port: number): string;
  /** Keeps the port from being the local end of a connection. */
  reservePort(port: number): string | null;
  /** Lets every user listen on the port. */
  allowPort(port: number): string | null;
  /** `owner`: whose service manager runs the unit. */
  stopUnit(unit: string, owner: 'root' | 'user'): string;
}

export interface Shell {
  /** The shell splits words, expands and redirects as `sh` does, and `exec` replaces it by the command. */
  readonly isPosix: boolean;
  /** The arguments that run a line as it was written. */
  argv(line: string): readonly [string, ...string[]];
}

export interface Desktop {
  /** The programs that open an address, with their first arguments; the first that is installed is taken. */
  readonly openers: readonly (readonly [string, ...string[]])[];
  /** One of these variables is set if there is a screen; empty: there always is. */
  readonly screenVariables: readonly string[];
}
