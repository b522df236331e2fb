/** The states, inputs and work of a service, for the table in `lifecycle.ts`. */
import type { Debugger } from './debugger.ts';
import type { Failure } from './failure.ts';
import type { Holder, ProcessId } from './port.ts';

/** The process that represents a service: the spawned child, or the member that carried on when the child exited with 0. */
export interface Main extends ProcessId {
  readonly kind: 'child' | 'daemon';
}

/** A service keeps these counts across restarts. */
export interface RestartCounts {
  /** Restarts in a row, without a period of readiness as long as `stable` between them. */
  readonly inARow: number;
  /** The service was ready at least once since its last manual start. */
  readonly everReady: boolean;
  /** Another process took the service's port during its start, and the port was claimed once more. */
  readonly claimRetried: boolean;
}

/** The state that a service returns to after it was debugged: the state before, or the state that an order has asked for since. */
export type AfterDebugging =
  /** `why`: the service ended by itself; null: it was told to end. */
  | { readonly to: 'stopped'; readonly why: Failure | null }
  | { readonly to: 'waiting'; readonly tries: RestartCounts }
  | { readonly to: 'failed'; readonly why: Failure }
  | { readonly to: 'completed' };

export type AfterStop =
  | AfterDebugging
  | { readonly to: 'backoff'; readonly why: Failure }
  | { readonly to: 'debugging'; readonly by: Debugger; readonly next: AfterDebugging };

export type State =
  /** `why`: the service ended by itself, with 0; null: it was stopped, or has not run. */
  | { readonly name: 'stopped'; readonly why: Failure | null }
  | { readonly name: 'waiting'; readonly tries: RestartCounts }
  | { readonly name: 'claiming'; readonly tries: RestartCounts }
  | { readonly name: 'starting'; readonly tries: RestartCounts; readonly main: Main }
  | { readonly name: 'ready'; readonly tries: RestartCounts; readonly main: Main }
  /** `health`: a failed health check that `why` explains, and that remains when the problem of the port is gone. */
  | {
      readonly name: 'unhealthy';
      readonly tries: RestartCounts;
      readonly main: Main;
      readonly why: Failure;
      readonly health: Failure | null;
    }
  | {
      readonly name: 'stopping';
      readonly tries: RestartCounts;
      readonly main: Main;
      readonly next: AfterStop;
      readonly why: Failure | null;
    }
  | { readonly name: 'backoff'; readonly tries: RestartCounts; readonly delayMs: number; readonly why: Failure }
  | { readonly name: 'completed' }
  | { readonly name: 'failed'; readonly why: Failure; readonly survivors: readonly ProcessId[] }
  | { readonly name: 'external'; readonly holder: Holder | null }
  | { readonly name: 'debugging'; readonly by: Debugger; readonly next: AfterDebugging };

export type Input =
  | { readonly name: 'start' }
  | { readonly name: 'stop'; readonly how: 'ordered' | 'kill' }
  | { readonly name: 'restart' }
  /** A user runs the service on a terminal. */
  | { readonly name: 'debug'; readonly by: Debugger }
  /** The `devup debug` command is over, and none of its processes is left. */
  | { readonly name: 'debugOver' }
  /** The session ends, and leaves a debugged service behind. */
  | { readonly name: 'letGo' }
  | { readonly name: 'depsReady' }
  /** A dependency that had been satisfied is gone. */
  | { readonly name: 'depLost' }
  /** The service's ports are free. */
  | { readonly name: 'claimed' }
  | { readonly name: 'claimRefused'; readonly why: Failure }
  /** A process that devup did not start acts as the service: it passed the test of `reuse`, or the service has no command. */
  | { readonly name: 'adopted'; readonly holder: Holder | null }
  | { readonly name: 'spawned'; readonly main: Main }
  | { readonly name: 'spawnFailed'; readonly why: Failure }
  | { readonly name: 'becameReady' }
  | { readonly name: 'readyTimeout'; readonly why: Failure }
  /**
   * `successor`: the member that carries on in place of a child that exited with 0. `portTaken`: another process now holds one of the
   * service's ports.
   */
  | {
      readonly name: 'exited';
      readonly ok: boolean;
      readonly successor: ProcessId | null;
      readonly portTaken: boolean;
      readonly why: Failure;
    }
  | { readonly name: 'portLost'; readonly why: Failure }
  | { readonly name: 'portForeign'; readonly why: Failure }
  /** The port has a listener, but no connection to it is accepted. */
  | { readonly name: 'portStuck'; readonly why: Failure }
  | { readonly name: 'portBack' }
  | { readonly name: 'healthFailed'; readonly why: Failure }
  | { readonly name: 'healthOk' }
  /** The service has been ready without interruption for `restart.stable`. */
  | { readonly name: 'stable' }
  | { readonly name: 'membersGone' }
  | { readonly name: 'stopTimedOut'; readonly why: Failure; readonly survivors: readonly ProcessId[] }
  | { readonly name: 'holderGone'; readonly why: Failure }
  | { readonly name: 'delayOver' }
  /** The clock jumped (the machine was asleep), so measurements in progress are invalid. */
  | { readonly name: 'clockGap' };

export type Work =
  | { readonly kind: 'awaitDeps' }
  | { readonly kind: 'claim' }
  | { readonly kind: 'spawn' }
  | { readonly kind: 'awaitReady' }
  | { readonly kind: 'watch' }
  | { readonly kind: 'watchExternal' }
  | { readonly kind: 'watchDebugger' }
  /** `sweep`: the main process has exited, but other members are left. */
  | { readonly kind: 'end'; readonly how: 'ordered' | 'kill' | 'sweep' }
  | { readonly kind: 'delay'; readonly ms: number };

export type StateName = State['name'];
export type InputName = Input['name'];
export type StateOf<S extends StateName> = Extract<State, { name: S }>;
export type InputOf<I extends InputName> = Extract<Input, { name: I }>;
