/**
 * Shows a session as text or NDJSON: progress on stderr, logs on stdout. A terminal that is wide enough shows the start as a
 * task tree that changes in place, and the logs below it; elsewhere everything is printed in plain lines.
 */

import { EscapeFilter } from '../../logs/escapes.ts';
import { type CriticalStep, dominantStep } from '../../model/critical-path.ts';
import { formatDuration } from '../../model/duration.ts';
import { isUncaught } from '../../model/ending.ts';
import type { Event, OutputEvent } from '../../model/event.ts';
import { exitCodeOf } from '../../model/exit-code.ts';
import type { Failure } from '../../model/failure.ts';
import type { Session } from '../../model/session.ts';
import type { ShownService } from '../../model/shown-service.ts';
import { EventWriter } from '../../render/json.ts';
import { ProgressLines } from '../../render/lines.ts';
import { LEAST_COLUMNS, startTaskTree, type TaskTree } from '../../render/tasks.ts';
import type { Context } from '../context.ts';
import { LogText } from './log-text.ts';
import type { Screen } from './screen.ts';

/** `4 services ready in 5.5 s, of which backend 2.1 s`. A service is named only if the start waited mainly for it. */
export function summary(services: number, tookMs: number, path: readonly CriticalStep[]): string {
  const slowest = dominantStep(path, tookMs);
  const most = slowest ? `, of which ${slowest.service} ${formatDuration(slowest.ms)}` : '';
  return `${services} ${services === 1 ? 'service' : 'services'} ready in ${formatDuration(tookMs)}${most}`;
}

export interface Presentation {
  /** To be called when the start is over: ends the tree and begins the logs. */
  started(): Promise<void>;
  /** Resolves when the events have ended and all of them are shown. Null unless a failure has ended the session. */
  readonly over: Promise<SessionFailure | null>;
  /** Prints text between the lines of the services. */
  say(text: string): void;
  /** Why planned services are `failed` now, in the order in which they failed. JSON has them in its events. */
  failures(): readonly Failure[];
  /** Resolves when all events up to number `seq` are shown, or when no more events will come. */
  upTo(seq: number): Promise<void>;
  /** Stops reading the events. */
  leave(): Promise<void>;
}

export interface SessionFailure {
  readonly failure: Failure;
  readonly exitCode: number;
  /** The events that were shown have told it already, as text. */
  readonly told: boolean;
}

/** The failure in the last event of a session, or in the notice that the session was lost; otherwise null. */
function sessionFailure(event: Event): SessionFailure | null {
  if (event.type === 'done' && event.failure) return { failure: event.failure, exitCode: event.exitCode, told: isUncaught(event.failure) };
  const lost = event.type === 'notice' && event.notice.kind === 'failure' && event.notice.failure.code === 'E410';
  return lost ? { failure: event.notice.failure, exitCode: exitCodeOf(event.notice.failure), told: true } : null;
}

export interface PresentOptions {
  readonly services: readonly ShownService[];
  /** Whether to show the services' output. */
  readonly logs: boolean;
  /** Whether to draw the start as a tree if the terminal is able to. */
  readonly tree: boolean;
  /** Shows only the output of these services. */
  readonly only?: ReadonlySet<string>;
  readonly since?: number;
  /** Whether `upTo` will be called, which needs the output events as well. */
  readonly counted?: boolean;
}

export function present(session: Session, shown: Screen, context: Context, options: PresentOptions): Presentation {
  return shown.json ? presentJson(session, shown, options) : presentText(session, shown, context, options);
}

function presentJson(session: Session, shown: Screen, options: PresentOptions): Presentation {
  const leaving = new AbortController();
  const writer = new EventWriter(shown.viewer);
  const events = session.events({
    pressure: 'block',
    signal: leaving.signal,
    ...(options.since === undefined ? {} : { since: options.since }),
  });
  const progress = new Progress();
  const uncoloured = uncolouredOutput();
  const over = (async () => {
    let failure: SessionFailure | null = null;
    for await (const event of events) {
      failure = sessionFailure(event);
      // Omits the session's `done`: the command prints its own `done` as its last line.
      const isOmitted = event.type === 'done' || (event.type === 'output' && options.only?.has(event.service) === false);
      if (!isOmitted) await shown.out.write(writer.line(event.type === 'output' ? uncoloured(event) : event));
      progress.reached(event.seq);
    }
    progress.reached(Number.POSITIVE_INFINITY);
    return failure;
  })();
  return {
    started: () => Promise.resolve(),
    over,
    upTo: (seq) => progress.upTo(seq),
    say: () => undefined,
    failures: () => [],
    async leave() {
      leaving.abort();
      await over;
    },
  };
}

function presentText(session: Session, shown: Screen, context: Context, options: PresentOptions): Presentation {
  const leaving = new AbortController();
  const since = options.since === undefined ? {} : { since: options.since };
  const { columns, rows, isTTY } = context.stderr;
  const draws = options.tree && isTTY === true && !context.env['CI'] && columns >= LEAST_COLUMNS;
  const lines = new ProgressLines({
    services: options.services,
    colour: shown.errColour,
    viewer: shown.viewer,
    showSlowStarts: !options.logs,
  });
  let tree: Promise<TaskTree> | null = null;
  let drawing = draws;
  const logs = new LogText({ names: options.services.map(({ name }) => name), prefix: true, shown, context });
  const say = (text: string) => {
    logs.breakLine();
    void shown.err.write(text);
  };
  const shownUpTo = new Progress();
  const failures = new Map<string, Failure>();
  const planned = new Set(options.services.filter((service) => service.planned).map(({ name }) => name));
  const progress = (async () => {
    let failure: SessionFailure | null = null;
    for await (const event of session.events({ signal: leaving.signal, ...(options.counted ? {} : { without: 'output' }), ...since })) {
      failure = sessionFailure(event);
      await show(event);
      shownUpTo.reached(event.seq);
    }
    shownUpTo.reached(Number.POSITIVE_INFINITY);
    return failure;
  })();
  async function show(event: Event): Promise<void> {
    if (event.type === 'output') return;
    if (event.type === 'state' && planned.has(event.service)) {
      failures.delete(event.service);
      if (event.state === 'failed' && event.problem) failures.set(event.service, event.problem);
    }
    const text = lines.line(event);
    if (drawing && (tree || event.type === 'state')) {
      tree ??= startTaskTree({
        services: options.services,
        colour: shown.errColour,
        columns,
        rows,
        viewer: shown.viewer,
        write: (drawing) => void shown.err.write(drawing),
      });
      (await tree).push(event);
    } else say(text);
  }
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const events = options.logs
    ? session.events({ signal: leaving.signal, pressure: context.stdout.isTTY ? 'drop' : 'block', ...since })
    : null;
  // Only a terminal shows the tree and the logs. A pipe must not wait: it would block a service that prints much before it is ready.
  if (!draws || context.stdout.isTTY !== true) begin();
  const output = (async () => {
    await Promise.race([begun, progress]);
    if (events) await showOutput(events, logs, shown, options.only ?? null);
  })();
  const endTree = async () => {
    drawing = false;
    const drawn = tree;
    tree = null;
    if (drawn) await (await drawn).end();
    // stdout and stderr share a terminal: the tree must be written before the first line of a service.
    await shown.err.flush();
    begin();
  };
  return {
    started: endTree,
    over: Promise.all([progress, output]).then(async ([failure]) => {
      await endTree();
      return failure;
    }),
    upTo: (seq) => shownUpTo.upTo(seq),
    say,
    failures: () => [...failures.values()],
    async leave() {
      await endTree();
      leaving.abort();
      await Promise.all([progress, output]);
    },
  };
}

/** Tracks the last event that is shown. */
class Progress {
  #seq = 0;
  readonly #waiting = new Set<{ readonly seq: number; readonly resolve: () => void }>();

  reached(seq: number): void {
    this.#seq = Math.max(this.#seq, seq);
    for (const waiter of this.#waiting) {
      if (waiter.seq > this.#seq) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  upTo(seq: number): Promise<void> {
    if (this.#seq >= seq) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ seq, resolve }));
  }
}

async function showOutput(events: AsyncIterable<Event>, logs: LogText, shown: Screen, only: ReadonlySet<string> | null): Promise<void> {
  for await (const event of events) {
    if (event.type !== 'output' || (only && !only.has(event.service))) continue;
    logs.pushLive(event);
    await shown.out.drained();
  }
  await logs.end();
}

/** Removes colours and drawing from the output of every stream. */
function uncolouredOutput(): (event: OutputEvent) => OutputEvent {
  const filters = new Map<string, EscapeFilter>();
  return (event) => {
    const key = `${event.stream} ${event.service}`;
    const filter = filters.get(key) ?? new EscapeFilter({ colour: false, controls: 'unchanged' });
    filters.set(key, filter);
    if (filter.passes(event.bytes)) return event;
    const { buffer, byteOffset, byteLength } = event.bytes;
    return { ...event, bytes: Buffer.from(filter.filter(Buffer.from(buffer, byteOffset, byteLength).toString('latin1')), 'latin1') };
  };
}
