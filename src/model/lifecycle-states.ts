/** What a service can be, what can happen to it, and what it can ask for: the words of its life (`lifecycle.ts`). */
import type { Failure } from './failure.ts';
import type { Holder, ProcessId } from './port.ts';

/** The process that stands for a service: our child, or a member that went on when the child ended with 0. */
export interface Main extends ProcessId {
  readonly kind: 'child' | 'daemon';
}

/** What a service remembers over its restarts. */
export interface RestartCounts {
  /** Restarts in a row, without `stable` of readiness between them. */
  readonly inARow: number;
  /** It was ready at least once since it was started by hand. */
  readonly everReady: boolean;
  /** Somebody was quicker to take its port while it was starting, and it was claimed once more. */
  readonly claimedAgain: boolean;
}

export type AfterStop =
  | { readonly to: 'stopped' }
  | { readonly to: 'waiting'; readonly tries: RestartCounts }
  | { readonly to: 'backoff'; readonly why: Failure }
  | { readonly to: 'failed'; readonly why: Failure }
  | { readonly to: 'completed' };

export type State =
  | { readonly name: 'stopped' }
  | { readonly name: 'waiting'; readonly tries: RestartCounts }
  | { readonly name: 'claiming'; readonly tries: RestartCounts }
  | { readonly name: 'starting'; readonly tries: RestartCounts; readonly main: Main }
  | { readonly name: 'ready'; readonly tries: RestartCounts; readonly main: Main }
  | { readonly name: 'unhealthy'; readonly tries: RestartCounts; readonly main: Main; readonly why: Failure }
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
  | { readonly name: 'external'; readonly holder: Holder | null };

export type Input =
  | { readonly name: 'start' }
  | { readonly name: 'stop'; readonly how: 'ordered' | 'kill' }
  | { readonly name: 'restart' }
  | { readonly name: 'depsReady' }
  /** A dependency that was there is gone. */
  | { readonly name: 'depLost' }
  /** Its ports are free and ours to use. */
  | { readonly name: 'claimed' }
  | { readonly name: 'claimRefused'; readonly why: Failure }
  /** Somebody else's process serves for it: it passed the test of `reuse`, or the service has no command. */
  | { readonly name: 'adopted'; readonly holder: Holder | null }
  | { readonly name: 'spawned'; readonly main: Main }
  | { readonly name: 'spawnFailed'; readonly why: Failure }
  | { readonly name: 'becameReady' }
  | { readonly name: 'readyTimeout'; readonly why: Failure }
  /**
   * `successor`: the member that goes on in the place of a child that ended with 0. `portTaken`: somebody else holds one of its
   * ports by now.
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
  | { readonly name: 'portBack' }
  | { readonly name: 'probeFailed'; readonly why: Failure }
  | { readonly name: 'probeOk' }
  /** Ready without a break for `restart.stable`. */
  | { readonly name: 'stable' }
  | { readonly name: 'membersGone' }
  | { readonly name: 'stopTimedOut'; readonly why: Failure; readonly survivors: readonly ProcessId[] }
  | { readonly name: 'holderGone'; readonly why: Failure }
  | { readonly name: 'delayOver' }
  /** Time jumped (the machine slept): what was being measured means nothing. */
  | { readonly name: 'clockGap' };

export type Work =
  | { readonly kind: 'awaitDeps' }
  | { readonly kind: 'claim' }
  | { readonly kind: 'spawn' }
  | { readonly kind: 'awaitReady' }
  | { readonly kind: 'watch' }
  | { readonly kind: 'watchExternal' }
  /** `sweep`: the main process is gone already, what is left of its tree is not. */
  | { readonly kind: 'end'; readonly how: 'ordered' | 'kill' | 'sweep' }
  | { readonly kind: 'delay'; readonly ms: number };

export type StateName = State['name'];
export type InputName = Input['name'];
export type StateOf<S extends StateName> = Extract<State, { name: S }>;
export type InputOf<I extends InputName> = Extract<Input, { name: I }>;

/** States in which a process of the service may exist. */
export function hasProcess(state: State): state is StateOf<'starting' | 'ready' | 'unhealthy' | 'stopping'> {
  return state.name === 'starting' || state.name === 'ready' || state.name === 'unhealthy' || state.name === 'stopping';
}
