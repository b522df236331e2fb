/**
 * Start-up on a terminal: one line per service, updated in place by listr2.
 *
 *     ✔ 5432 postgres   ready       0.8 s
 *     ⠙ 8000 backend    starting  listens on 8001, not 8000  Compiled 3 modules
 *     ⠙ 8002 backend2   waiting
 *
 * Each listr2 task waits for the events of its service. listr2 writes through our own stream, so that it does not replace
 * process.stdout, and is loaded only when there is something to draw.
 */

import type { Event, StateEvent } from '../model/event.ts';
import { harmless } from '../model/harmless.ts';
import { countsAsReady, isBroken, type ServiceState } from '../model/service-state.ts';
import type { ShownService } from '../model/shown-service.ts';
import { duration, ProgressLines, STATE_CELLS } from './lines.ts';
import { STATE_STYLES } from './state.ts';
import { painter } from './style.ts';
import { cut, padEnd, padStart, width } from './text.ts';
import { lastLine, listensElsewhere } from './words/notices.ts';
import { keepsRestartingShort } from './words/readiness.ts';
import { NO_VIEWER, type Viewer } from './words/viewer.ts';
import { words } from './words.ts';

/** Narrower terminals get plain lines. */
export const LEAST_COLUMNS = 40;

export interface TaskTreeOptions {
  readonly services: readonly ShownService[];
  readonly colour: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly viewer?: Viewer;
  write(text: string): void;
}

export interface TaskTree {
  /** A state, or news of a slow start, changes the service's line. A port event adds a line below it. Other output waits until the end. */
  push(event: Event): void;
  /**
   * Draws the final states, restores the cursor, writes the held output and releases the terminal. May be called at any
   * time.
   */
  end(): Promise<void>;
}

/** The part of listr2's task handle that devup uses. */
interface Handle {
  title: string | undefined;
  output: string | string[] | undefined;
  skip(): void;
}

type Outcome = 'done' | 'failed' | 'not-run';

interface Row {
  readonly service: ShownService;
  state: StateEvent | null;
  /** Why the service is not ready, as far as it is known, and its last line of output. */
  slow: { readonly reason: string | null; readonly lastLine: string | null };
  handle: Handle | null;
  settled: boolean;
  settle: (how: Outcome) => void;
  readonly settling: Promise<Outcome>;
}

const FAST = { reason: null, lastLine: null };

class NotUp extends Error {}

export async function startTaskTree(options: TaskTreeOptions): Promise<TaskTree> {
  const { DefaultRenderer, Listr, ListrDefaultRendererLogLevels, ListrLogger, ProcessOutput } = await import('listr2');
  const planned = options.services.filter((service) => service.planned);
  const rows = planned.map(newRow);
  const title = titles({ ...options, services: planned });
  const paint = painter(options.colour);
  const plain = (text: string | undefined): string => text ?? '';
  const terminal = {
    write: (text: string) => {
      options.write(text);
      return true;
    },
    columns: options.columns,
    rows: options.rows,
    isTTY: true,
  } as unknown as NodeJS.WriteStream;

  /** True even if stdout is a pipe: the tree is drawn on stderr, and the caller has checked for a terminal. */
  class Tree extends DefaultRenderer {
    static override nonTTY = true;
  }

  const listr = new Listr(
    rows.map((row) => taskOf(row, title)),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: Tree,
      fallbackRenderer: Tree,
      rendererOptions: {
        collapseErrors: false,
        showErrorMessage: false,
        formatOutput: 'wrap',
        logger: new ListrLogger({
          useIcons: true,
          toStderr: [],
          processOutput: new ProcessOutput(terminal, terminal, { leaveEmptyLine: false }),
        }),
        icon: {
          [ListrDefaultRendererLogLevels.COMPLETED]: STATE_STYLES.ready.glyph,
          [ListrDefaultRendererLogLevels.FAILED]: STATE_STYLES.failed.glyph,
          [ListrDefaultRendererLogLevels.SKIPPED_WITH_COLLAPSE]: STATE_STYLES.stopped.glyph,
        },
        color: {
          [ListrDefaultRendererLogLevels.OUTPUT]: plain,
          [ListrDefaultRendererLogLevels.COMPLETED]: (text) => paint('green', plain(text)),
          [ListrDefaultRendererLogLevels.FAILED]: (text) => paint('red', plain(text)),
          [ListrDefaultRendererLogLevels.PENDING]: (text) => paint('cyan', plain(text)),
          [ListrDefaultRendererLogLevels.SKIPPED_WITH_COLLAPSE]: (text) => paint('dim', plain(text)),
          [ListrDefaultRendererLogLevels.COMPLETED_WITH_FAILED_SISTER_TASKS]: plain,
        },
      },
    },
  );
  const running = listr.run();
  const lines = new ProgressLines({
    services: options.services,
    colour: options.colour,
    ...(options.viewer ? { viewer: options.viewer } : {}),
  });
  const kept: string[] = [];

  return {
    push(event) {
      const name = 'service' in event ? event.service : null;
      const row = rows.find(({ service }) => service.name === name);
      // The plain lines must see every state, even those that the tree shows.
      const said = lines.line(event);
      const slow = row && !row.settled ? slowStart(event, row, options.viewer ?? NO_VIEWER) : null;
      if (row && slow) {
        row.slow = slow;
        if (row.handle) row.handle.title = title(row);
        return;
      }
      if (event.type !== 'state' || !row || row.settled) {
        if (said !== '' && row?.handle && !row.settled) row.handle.output = said.trimEnd();
        else kept.push(said);
        return;
      }
      row.state = event;
      row.slow = FAST;
      if (row.handle) row.handle.title = title(row);
      const how = outcome(event.state);
      if (how) row.settle(how);
    },
    async end() {
      for (const row of rows) row.settle(outcome(row.state?.state ?? 'stopped') ?? (row.state?.state === 'waiting' ? 'not-run' : 'failed'));
      await running;
      options.write(kept.splice(0).join(''));
    },
  };
}

/** The text that the event adds to the line of a starting service; null: none. */
function slowStart(event: Event, { slow }: Row, viewer: Viewer): Row['slow'] | null {
  if (event.type === 'port' && event.action === 'listens-elsewhere') return { ...slow, reason: listensElsewhere(event) };
  if (event.type !== 'notice') return null;
  if (event.notice.kind === 'keeps-restarting') return { ...slow, reason: keepsRestartingShort(event.notice) };
  return event.notice.kind === 'still-starting' ? { ...slow, lastLine: lastLine(event.notice.lastLine, viewer) } : null;
}

/** The states in which a service's start has succeeded or failed. */
function outcome(state: ServiceState): Outcome | null {
  if (countsAsReady(state)) return 'done';
  if (state === 'stopped' || state === 'debugging') return 'not-run';
  return isBroken(state) ? 'failed' : null;
}

function newRow(service: ShownService): Row {
  let settle: Row['settle'] = () => {};
  const settling = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  const row: Row = {
    service,
    state: null,
    slow: FAST,
    handle: null,
    settled: false,
    settling,
    settle: (how) => {
      row.settled = true;
      settle(how);
    },
  };
  return row;
}

function taskOf(row: Row, title: (row: Row) => string) {
  return {
    title: title(row),
    rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    task: async (_context: unknown, handle: Handle): Promise<void> => {
      row.handle = handle;
      handle.title = title(row);
      const how = await row.settling;
      if (how === 'not-run') handle.skip();
      if (how === 'failed') throw new NotUp(title(row));
    },
  };
}

/** Titles cut to the terminal's width, less the icon's cells. */
function titles(options: TaskTreeOptions): (row: Row) => string {
  const ports = Math.max(0, ...options.services.map((service) => String(service.port ?? '').length));
  const names = Math.max(0, ...options.services.map((service) => width(harmless(service.name))));
  const viewer = options.viewer ?? NO_VIEWER;
  const cells = options.columns - 4;
  return ({ service, state, slow }) => {
    const parts = [
      `${padStart(String(service.port ?? ''), ports)} ${padEnd(harmless(service.name), names)} `,
      padEnd(STATE_STYLES[state?.state ?? 'waiting'].word, STATE_CELLS),
    ];
    if (state?.afterMs != null && state.state !== 'starting') parts.push(duration(state.afterMs));
    // A part of an address leads nowhere.
    if (service.url !== null && state?.state === 'ready' && width(parts.join('  ')) + 2 + width(service.url) <= cells)
      parts.push(service.url);
    if (state?.problem) parts.push(words(state.problem, viewer).what);
    if (slow.reason !== null) parts.push(slow.reason);
    if (slow.lastLine !== null) parts.push(slow.lastLine);
    return cut(parts.join('  ').trimEnd(), cells);
  };
}
