/**
 * Every expected failure: facts only, distinguished by `code`. `render/words.ts` makes the sentences (what, why, fix), and
 * `model/exit-code.ts` maps each code to an exit code. The numbers are stable: E0xx usage · E1xx services · E2xx ports · E3xx config ·
 * E4xx sessions · E5xx files of the repository.
 */
import type { UnusablePort } from './allocation.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { ContainerNames } from './container-names.ts';
import type { LeftBehind } from './daemon.ts';
import type { DebuggedService } from './debugger.ts';
import type { Finding } from './drift.ts';
import type { Install } from './install.ts';
import type { Holder, PortState, RefuseReason } from './port.ts';
import type { PortRefusal } from './port-refusal.ts';
import type { Condition } from './service.ts';
import type { Silence } from './silence.ts';
import type { Replaced, Unmet } from './unmet.ts';

/** Why the config with a new service is not written. */
export type UnusableEdit =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'not-loading'; readonly failure: Failure }
  /** The config loads, but the new service or another service is not as intended. */
  | { readonly kind: 'other-services' };

export type Failure =
  /** `command`: the command whose `--help` has the details. */
  | {
      readonly code: 'E001';
      readonly kind: 'usage';
      readonly message: string;
      readonly suggestion: string | null;
      readonly command?: string;
    }
  | {
      readonly code: 'E002';
      readonly kind: 'unknown-service';
      readonly name: string;
      readonly known: readonly string[];
      readonly suggestion: string | null;
    }
  | { readonly code: 'E003'; readonly kind: 'no-terminal'; readonly what: string; readonly flag: string }
  | {
      readonly code: 'E101';
      readonly kind: 'service-exited';
      readonly service: string;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly beforeReady: boolean;
      /** Processes that the service may have left behind as a daemon, and devup leaves alone, since that is not certain. */
      readonly left?: readonly LeftBehind[];
      readonly lastLines: readonly string[];
      /** The first line of the run that reads like an error. */
      readonly firstError?: string;
      /** Containers that the command started and left running. */
      readonly containers?: readonly ContainerNames[];
      /** If the output says that a package is missing. */
      readonly install?: Install;
    }
  | {
      readonly code: 'E102';
      readonly kind: 'command-not-found';
      /** Null: the command was typed after `--`. */
      readonly service: string | null;
      readonly command: string;
      readonly path: readonly string[];
      /** If the folder has packages that the command may come with. */
      readonly install?: Install;
    }
  | { readonly code: 'E103'; readonly kind: 'cwd-missing'; readonly service: string; readonly cwd: string }
  | {
      readonly code: 'E104';
      readonly kind: 'not-ready';
      readonly service: string;
      readonly timeoutMs: number;
      readonly pid: number | null;
      readonly unmet: readonly Unmet[];
      /** Undeclared ports on which the service's processes listen. */
      readonly listensOn: readonly number[];
      readonly replaced?: Replaced;
      readonly lastLines: readonly string[];
      /** The first line of the run that reads like an error. */
      readonly firstError?: string;
    }
  | {
      readonly code: 'E105';
      readonly kind: 'spawn-failed';
      /** Null: the command was typed after `--`. */
      readonly service: string | null;
      readonly command: string;
      readonly errno: string;
      readonly message: string;
    }
  | {
      readonly code: 'E106';
      readonly kind: 'dependency-failed';
      readonly service: string;
      readonly dependency: string;
      readonly condition: Condition;
    }
  | {
      readonly code: 'E107';
      readonly kind: 'port-lost';
      readonly service: string;
      readonly port: number;
      readonly pid: number | null;
      readonly listensOn: readonly number[];
    }
  | {
      readonly code: 'E108';
      readonly kind: 'port-foreign';
      readonly service: string;
      readonly port: number;
      readonly holders: readonly Holder[];
    }
  | { readonly code: 'E109'; readonly kind: 'health-failed'; readonly service: string; readonly unmet: Unmet; readonly retries: number }
  | {
      readonly code: 'E110';
      readonly kind: 'survivors';
      readonly service: string;
      readonly survivors: readonly Holder[];
      readonly ports: readonly PortState[];
    }
  | {
      readonly code: 'E111';
      readonly kind: 'external-not-ready';
      readonly service: string;
      readonly timeoutMs: number;
      readonly unmet: readonly Unmet[];
    }
  | { readonly code: 'E112'; readonly kind: 'restarts-exhausted'; readonly service: string; readonly max: number; readonly last: Failure }
  | {
      readonly code: 'E113';
      readonly kind: 'stop-command-failed';
      readonly service: string;
      /** True if the command asks a container engine and is not the config's. */
      readonly ofEngine?: true;
      readonly command: string;
      readonly got: string;
    }
  | {
      readonly code: 'E114';
      readonly kind: 'start-timeout';
      readonly timeoutMs: number;
      readonly waitingFor: readonly string[];
      /** The known problems of these services. */
      readonly problems: readonly Failure[];
    }
  /** `by`: a signal or a command that cancelled the start; null: the launcher is gone. */
  | { readonly code: 'E115'; readonly kind: 'start-cancelled'; readonly by: string | null }
  | { readonly code: 'E116'; readonly kind: 'external-lost'; readonly service: string }
  /** Connections wait in the accept queue of the port, and none is accepted. */
  | { readonly code: 'E117'; readonly kind: 'port-stuck'; readonly service: string; readonly port: number; readonly pid: number | null }
  | {
      readonly code: 'E118';
      readonly kind: 'being-debugged';
      readonly services: readonly DebuggedService[];
      /** Services that need them, and start when they are ready again. */
      readonly waiting: readonly string[];
      /** Running services that need them, and were not restarted. */
      readonly kept: readonly string[];
    }
  | { readonly code: 'E201'; readonly kind: 'ports-held'; readonly refusals: readonly PortRefusal[] }
  | {
      readonly code: 'E202';
      readonly kind: 'port-still-held';
      readonly port: number;
      readonly state: PortState;
      readonly respawnedBy: Holder | null;
      readonly graceful: boolean;
    }
  | {
      readonly code: 'E203';
      readonly kind: 'reuse-failed';
      readonly service: string;
      readonly port: number;
      readonly holders: readonly Holder[];
      readonly unmet: readonly Unmet[];
    }
  | { readonly code: 'E204'; readonly kind: 'bad-port'; readonly text: string; readonly reason: 'not-a-port' | 'upside-down' | 'too-many' }
  | {
      readonly code: 'E205';
      readonly kind: 'kill-refused';
      readonly port: number;
      readonly state: PortState;
      readonly refused: RefuseReason;
      readonly holder: Holder | null;
    }
  | {
      readonly code: 'E301';
      readonly kind: 'config-not-found';
      readonly from: string;
      readonly stoppedAt: string;
      /** The folder above that was not searched, since every user can write to it. */
      readonly openFolder?: string;
    }
  | {
      readonly code: 'E302';
      readonly kind: 'config-broken';
      readonly file: string;
      /** The error's own text, or the error code with which no process could be started to read the file. */
      readonly message: string | { readonly kind: 'no-process'; readonly errno: string };
      readonly line: number | null;
      readonly column: number | null;
      readonly stack: string | null;
    }
  | { readonly code: 'E303'; readonly kind: 'config-hangs'; readonly file: string; readonly timeoutMs: number }
  | { readonly code: 'E304'; readonly kind: 'config-exits'; readonly file: string; readonly exitCode: number }
  | { readonly code: 'E305'; readonly kind: 'config-invalid'; readonly file: string; readonly problems: readonly ConfigProblem[] }
  | {
      readonly code: 'E306';
      readonly kind: 'config-threw-later';
      readonly file: string;
      readonly message: string;
      readonly line: number | null;
      readonly column: number | null;
      readonly stack: string | null;
      readonly crashFile: string | null;
    }
  | {
      readonly code: 'E307';
      readonly kind: 'config-of-other-user';
      readonly file: string;
      readonly uid: number;
      readonly user: string | null;
      /** The folder to declare safe: the config's repository, or its own folder. */
      readonly folder: string;
      readonly hasGit: boolean;
    }
  | { readonly code: 'E308'; readonly kind: 'config-unknown'; readonly file: string }
  | { readonly code: 'E401'; readonly kind: 'no-session'; readonly stack: string }
  | {
      readonly code: 'E402';
      readonly kind: 'session-not-answering';
      readonly stack: string;
      readonly pid: number | null;
      readonly how: Silence;
    }
  | {
      readonly code: 'E403';
      readonly kind: 'session-of-other-user';
      readonly stack: string;
      readonly pid: number;
      readonly uid: number;
      readonly user: string | null;
    }
  | { readonly code: 'E404'; readonly kind: 'version-mismatch'; readonly ours: string; readonly theirs: string }
  | { readonly code: 'E405'; readonly kind: 'socket-path-too-long'; readonly path: string; readonly bytes: number; readonly limit: number }
  | { readonly code: 'E406'; readonly kind: 'folder-not-writable'; readonly folder: string; readonly errno: string }
  | {
      readonly code: 'E407';
      readonly kind: 'folder-unsafe';
      readonly folder: string;
      readonly reason: 'symlink' | 'not-a-folder' | 'foreign-owner' | 'open-to-others';
    }
  | { readonly code: 'E408'; readonly kind: 'launch-failed'; readonly log: string; readonly lastLines: readonly string[] }
  | {
      readonly code: 'E409';
      readonly kind: 'session-elsewhere';
      readonly stack: string;
      readonly pid: number;
      readonly touchedMsAgo: number;
    }
  | { readonly code: 'E410'; readonly kind: 'session-lost'; readonly stack: string }
  | { readonly code: 'E411'; readonly kind: 'protocol'; readonly message: string }
  | { readonly code: 'E412'; readonly kind: 'session-ending'; readonly stack: string }
  | { readonly code: 'E413'; readonly kind: 'session-running'; readonly stack: string }
  | { readonly code: 'E501'; readonly kind: 'service-exists'; readonly name: string; readonly file: string }
  | {
      readonly code: 'E502';
      readonly kind: 'port-not-given';
      readonly service: string;
      /** Null: no particular port was requested. */
      readonly port: number | null;
      readonly because: UnusablePort;
      /** A port that the service could have instead. */
      readonly next: number | null;
    }
  | {
      readonly code: 'E503';
      readonly kind: 'not-editable';
      readonly service: string;
      readonly file: string;
      readonly line: number | null;
      /** A string continues a sentence after the file's name: `makes its services with code`. */
      readonly why: string | UnusableEdit;
      /** Text for the user to insert; empty if there is none. */
      readonly snippet: string;
    }
  | {
      readonly code: 'E504';
      readonly kind: 'not-written';
      readonly file: string;
      readonly why: 'changed' | 'read-only' | 'not-utf8' | 'exists' | 'no-space' | 'outside';
    }
  | { readonly code: 'E505'; readonly kind: 'would-disagree'; readonly service: string; readonly findings: readonly Finding[] }
  | { readonly code: 'E470'; readonly kind: 'bug'; readonly message: string; readonly crashFile: string | null };

export type FailureCode = Failure['code'];
export type FailureOf<C extends FailureCode> = Extract<Failure, { code: C }>;
