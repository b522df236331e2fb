/**
 * A service's life is one table: `step(state, input, rules)` is pure, and a missing cell is a compile error.
 *
 *              start            depsReady            claimed, spawned             becameReady
 *     stopped ──────▶ waiting ───────────▶ claiming ─────────────────▶ starting ─────────────▶ ready ◀──▶ unhealthy
 *        ▲              ▲ ▲                   │  │ adopted                │                      │             │
 *        │              │ │                   │  └─────────▶ external     │ exited, stop,        │ exited, stop, restart
 *        │   delayOver  │ │ start             ▼ claimRefused             ▼ depLost              ▼             │
 *        │   backoff ───┘ └──────────────── failed ◀────────────────── stopping ◀───────────────┴─────────────┘
 *        │      ▲                             ▲  stopTimedOut             │ membersGone: on to `next`
 *        └──────┴─────────────────────────────┴────── completed ◀─────────┘
 *
 *     any state ─ debug ─▶ (stopping ─▶) debugging ─ debugOver ─▶ what it was before, or what an order has asked for since
 *
 * A state has a process if and only if it is starting, ready, unhealthy or stopping, or failed with survivors, which `start` and `stop` try
 * to end once more. Work belongs to the state that asked for it. Leaving the state aborts the work, so its outcome never arrives late; a
 * step that asks for the same work again restarts it. `impossible` marks inputs that cannot happen: if one does, that is a bug in devup,
 * and stops the stack in order.
 */
import type { Failure } from './failure.ts';
import type { AfterStop, Input, InputName, InputOf, State, StateName, StateOf, Work } from './lifecycle-states.ts';
import {
  afterExit,
  afterFailure,
  debugAndStart,
  debugging,
  debugRunning,
  FRESH,
  type Rules,
  redirect,
  STOPPED,
  type Step,
  settled,
  stopping,
  waiting,
} from './lifecycle-steps.ts';

type Cell<S extends StateName, I extends InputName> =
  | 'stay'
  | 'impossible'
  | ((state: StateOf<S>, input: InputOf<I>, rules: Rules) => Step);
type Table = { readonly [S in StateName]: { readonly [I in InputName]: Cell<S, I> } };

/** A child that exited with 0 and left a member behind has become a daemon. */
function exited(state: StateOf<'starting' | 'ready' | 'unhealthy'>, input: InputOf<'exited'>, rules: Rules): Step {
  if (input.successor && !rules.task) {
    const work: Work =
      state.name === 'starting' ? { kind: 'awaitReady' } : state.name === 'ready' ? { kind: 'watch' } : workForUnhealthy(state.why, rules);
    return { state: { ...state, main: { ...input.successor, kind: 'daemon' } }, work };
  }
  return stopping(state, afterExit(state, input, rules), 'sweep', input.ok ? null : input.why);
}

const stopRunning = (state: StateOf<'starting' | 'ready' | 'unhealthy'>, input: InputOf<'stop'>): Step =>
  stopping(state, { to: 'stopped', why: null }, input.how);
const restartRunning = (state: StateOf<'starting' | 'ready' | 'unhealthy'>): Step =>
  stopping(state, { to: 'waiting', tries: FRESH }, 'ordered');
const startFresh = (): Step => waiting(FRESH);
/** A problem of the port does not cause a restart. It is shown in preference to a failed health check, which it explains. */
function portProblem(state: StateOf<'ready' | 'unhealthy'>, { why }: { readonly why: Failure }): Step {
  const health = state.name === 'ready' ? null : isOfHealth(state.why) ? state.why : state.health;
  return { state: { name: 'unhealthy', tries: state.tries, main: state.main, why, health }, work: { kind: 'watch' } };
}
function isOfHealth(why: Failure): boolean {
  return why.code === 'E109';
}
/** A failed health check leads to a restart if the config asks for one; the service is only watched for any other problem. */
function workForUnhealthy(why: Failure, rules: Rules): Work {
  return isOfHealth(why) && restartsUnhealthy(rules) ? { kind: 'delay', ms: 0 } : { kind: 'watch' };
}
function restartsUnhealthy({ restart, healthRestarts }: Rules): boolean {
  return restart.policy !== 'no' && healthRestarts;
}
/** Survivors of the last stop are ended first, so that there are never two processes of one service. */
function endSurvivorsFirst({ survivors, why }: StateOf<'failed'>, next: AfterStop): Step | null {
  const [first] = survivors;
  if (!first) return null;
  return { state: { name: 'stopping', tries: FRESH, main: { ...first, kind: 'daemon' }, next, why }, work: { kind: 'end', how: 'kill' } };
}
/** A failed health check makes the service unhealthy, and restarts it if the config asks for it. */
function healthFailed(state: StateOf<'ready' | 'unhealthy'>, { why }: InputOf<'healthFailed'>, rules: Rules): Step {
  if (state.name === 'unhealthy' && !isOfHealth(state.why) && !restartsUnhealthy(rules)) return { state: { ...state, health: why } };
  const { tries, main } = state;
  return { state: { name: 'unhealthy', tries, main, why, health: null }, work: workForUnhealthy(why, rules) };
}
/** A recovery clears only its own problem: a port that is back does not undo a failed health check. */
function portBack(state: StateOf<'unhealthy'>): Step {
  if (isOfHealth(state.why)) return { state };
  const { tries, main, health } = state;
  return health
    ? { state: { name: 'unhealthy', tries, main, why: health, health: null }, work: { kind: 'watch' } }
    : { state: { name: 'ready', tries, main }, work: { kind: 'watch' } };
}
function healthOk(state: StateOf<'unhealthy'>): Step {
  if (!isOfHealth(state.why)) return { state: { ...state, health: null } };
  return { state: { name: 'ready', tries: state.tries, main: state.main }, work: { kind: 'watch' } };
}

const IDLE = {
  stop: 'stay',
  debugOver: 'impossible',
  letGo: 'impossible',
  depsReady: 'impossible',
  depLost: 'stay',
  claimed: 'impossible',
  claimRefused: 'impossible',
  adopted: 'impossible',
  spawned: 'impossible',
  spawnFailed: 'impossible',
  becameReady: 'impossible',
  readyTimeout: 'impossible',
  exited: 'impossible',
  portLost: 'impossible',
  portForeign: 'impossible',
  portStuck: 'impossible',
  portBack: 'impossible',
  healthFailed: 'impossible',
  healthOk: 'impossible',
  stable: 'impossible',
  membersGone: 'impossible',
  stopTimedOut: 'impossible',
  holderGone: 'impossible',
  delayOver: 'impossible',
  clockGap: 'stay',
} as const;

const RUNNING = {
  ...IDLE,
  start: 'stay',
  stop: stopRunning,
  restart: restartRunning,
  debug: debugRunning,
} as const;

const TABLE: Table = {
  stopped: { ...IDLE, start: startFresh, restart: startFresh, debug: (state, { by }) => debugging(by, { to: 'stopped', why: state.why }) },
  completed: {
    ...IDLE,
    start: 'stay',
    restart: startFresh,
    stop: () => STOPPED,
    debug: (_, { by }) => debugging(by, { to: 'completed' }),
  },
  failed: {
    ...IDLE,
    start: (state) => endSurvivorsFirst(state, { to: 'waiting', tries: FRESH }) ?? startFresh(),
    restart: (state) => endSurvivorsFirst(state, { to: 'waiting', tries: FRESH }) ?? startFresh(),
    stop: (state) => endSurvivorsFirst(state, { to: 'stopped', why: null }) ?? STOPPED,
    debug: (state, { by }) => {
      const next = { to: 'failed', why: state.why } as const;
      return endSurvivorsFirst(state, { to: 'debugging', by, next }) ?? debugging(by, next);
    },
  },
  waiting: {
    ...IDLE,
    start: 'stay',
    restart: 'stay',
    stop: () => STOPPED,
    debug: debugAndStart,
    depsReady: (state) => ({ state: { name: 'claiming', tries: state.tries }, work: { kind: 'claim' } }),
  },
  claiming: {
    ...IDLE,
    start: 'stay',
    restart: 'stay',
    stop: () => STOPPED,
    debug: debugAndStart,
    depLost: (state) => waiting(state.tries),
    claimed: (state) => ({ state, work: { kind: 'spawn' } }),
    claimRefused: (_, input) => ({ state: { name: 'failed', why: input.why, survivors: [] } }),
    adopted: (_, input) => ({ state: { name: 'external', holder: input.holder }, work: { kind: 'watchExternal' } }),
    spawned: (state, input) => ({ state: { name: 'starting', tries: state.tries, main: input.main }, work: { kind: 'awaitReady' } }),
    spawnFailed: (_, input) => ({ state: { name: 'failed', why: input.why, survivors: [] } }),
  },
  starting: {
    ...RUNNING,
    depLost: (state) => stopping(state, { to: 'waiting', tries: state.tries }, 'ordered'),
    becameReady: (state) => ({
      state: { name: 'ready', main: state.main, tries: { ...state.tries, everReady: true, claimRetried: false } },
      work: { kind: 'watch' },
    }),
    readyTimeout: (state, input, rules) => stopping(state, afterFailure(state.tries, input.why, rules), 'ordered', input.why),
    exited,
    clockGap: (state) => ({ state, work: { kind: 'awaitReady' } }),
  },
  ready: {
    ...RUNNING,
    exited,
    portLost: portProblem,
    portForeign: portProblem,
    portStuck: portProblem,
    portBack: 'stay',
    healthFailed,
    healthOk: 'stay',
    stable: (state) => ({ state: { ...state, tries: { ...state.tries, inARow: 0 } } }),
    clockGap: (state) => ({ state, work: { kind: 'watch' } }),
  },
  unhealthy: {
    ...RUNNING,
    exited,
    portLost: portProblem,
    portForeign: portProblem,
    portStuck: portProblem,
    portBack,
    healthFailed,
    healthOk,
    stable: 'stay',
    delayOver: (state, _, rules) => stopping(state, afterFailure(state.tries, state.why, rules), 'ordered', state.why),
    clockGap: (state, _, rules) => ({ state, work: workForUnhealthy(state.why, rules) }),
  },
  stopping: {
    ...IDLE,
    start: (state) =>
      state.next.to === 'completed' ? { state } : { state: { ...state, next: redirect(state.next, { to: 'waiting', tries: FRESH }) } },
    restart: (state) => ({ state: { ...state, next: redirect(state.next, { to: 'waiting', tries: FRESH }) } }),
    debug: (state, { by }) => {
      const { next } = state;
      if (next.to === 'debugging') return { state: { ...state, next: { ...next, by } } };
      return { state: { ...state, next: { to: 'debugging', by, next: next.to === 'backoff' ? { to: 'waiting', tries: FRESH } : next } } };
    },
    stop: (state, input) => ({
      state: { ...state, next: redirect(state.next, { to: 'stopped', why: null }) },
      ...(input.how === 'kill' ? { work: { kind: 'end', how: 'kill' } } : {}),
    }),
    exited: 'stay',
    membersGone: (state, _, rules) => {
      switch (state.next.to) {
        case 'stopped':
        case 'completed':
        case 'waiting':
        case 'failed':
          return settled(state.next);
        case 'debugging':
          return debugging(state.next.by, state.next.next);
        case 'backoff': {
          const delayMs = Math.min(rules.restart.initialDelayMs * 2 ** state.tries.inARow, rules.restart.maxDelayMs);
          const tries = { ...state.tries, inARow: state.tries.inARow + 1 };
          return { state: { name: 'backoff', tries, delayMs, why: state.next.why }, work: { kind: 'delay', ms: delayMs } };
        }
      }
    },
    stopTimedOut: (_, input) => ({ state: { name: 'failed', why: input.why, survivors: input.survivors } }),
  },
  backoff: {
    ...IDLE,
    start: (state) => waiting(state.tries),
    restart: startFresh,
    stop: () => STOPPED,
    debug: debugAndStart,
    delayOver: (state) => waiting(state.tries),
  },
  external: {
    ...IDLE,
    start: 'stay',
    restart: 'stay',
    stop: () => STOPPED,
    debug: debugAndStart,
    holderGone: (_, input) => ({ state: { name: 'failed', why: input.why, survivors: [] } }),
    clockGap: (state) => ({ state, work: { kind: 'watchExternal' } }),
  },
  debugging: {
    ...IDLE,
    start: (state) => (state.next.to === 'completed' ? { state } : { state: { ...state, next: { to: 'waiting', tries: FRESH } } }),
    restart: (state) => ({ state: { ...state, next: { to: 'waiting', tries: FRESH } } }),
    stop: (state) => ({ state: { ...state, next: { to: 'stopped', why: null } } }),
    debug: (state, { by }) => debugging(by, state.next),
    debugOver: (state) => settled(state.next),
    letGo: () => STOPPED,
  },
};

export const INITIAL: State = { name: 'stopped', why: null };

/** Thrown for an input that cannot happen in the state: a bug in devup, never the user's fault. */
export class ImpossibleInput extends Error {
  override readonly name = 'ImpossibleInput';
  constructor(state: State, input: Input) {
    super(`input ${input.name} in state ${state.name}`);
  }
}

/** The next state and its work; null if nothing changes and the current work continues. */
export function step(state: State, input: Input, rules: Rules): Step | null {
  const cell = TABLE[state.name][input.name] as Cell<StateName, InputName>;
  if (cell === 'stay') return null;
  if (cell === 'impossible') throw new ImpossibleInput(state, input);
  return (cell as (state: State, input: Input, rules: Rules) => Step)(state, input, rules);
}
