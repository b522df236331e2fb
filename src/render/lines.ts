/**
 * Progress as plain lines: for pipes, CI and narrow terminals, and for everything after the start.
 *
 *     ✔ 8000 backend   ready       2.1 s  http://localhost:8000  pid 5210
 */

import { formatDuration } from '../model/duration.ts';
import type { Event, StateEvent } from '../model/event.ts';
import { harmless } from '../model/harmless.ts';
import { hasFinished, isAvailable, type ServiceState } from '../model/service-state.ts';
import type { ShownService } from '../model/shown-service.ts';
import { STATE_STYLES, type StateStyle } from './state.ts';
import { type Paint, painter } from './style.ts';
import { padEnd, padStart, width } from './text.ts';
import { type Notice, notice, portNotice } from './words/notices.ts';
import { NO_VIEWER, type Viewer } from './words/viewer.ts';
import { formatFailure, words } from './words.ts';

/** The length of the longest state that a start prints. */
export const STATE_CELLS = 'completed'.length;
const DURATION_CELLS = '999 ms'.length;

/** A time such as `  2.1 s`, right-aligned. */
export function duration(ms: number): string {
  return padStart(formatDuration(ms), DURATION_CELLS);
}

export interface ProgressLinesOptions {
  readonly services: readonly ShownService[];
  readonly colour: boolean;
  readonly viewer?: Viewer;
  /** Whether to mention services that start slowly, with their last line of output. */
  readonly showSlowStarts?: boolean;
}

export class ProgressLines {
  readonly #services: ReadonlyMap<string, ShownService>;
  readonly #viewer: Viewer;
  readonly #colour: boolean;
  readonly #paint: Paint;
  readonly #portCells: number;
  readonly #nameCells: number;
  readonly #states = new Map<string, ServiceState>();
  /** After how long each starting service is next mentioned; null: never, because its output is printed anyway. */
  readonly #nextMentionMs: Map<string, number> | null;

  constructor(o: ProgressLinesOptions) {
    this.#services = new Map(o.services.map((service) => [service.name, service]));
    this.#viewer = o.viewer ?? NO_VIEWER;
    this.#colour = o.colour;
    this.#nextMentionMs = o.showSlowStarts ? new Map() : null;
    this.#paint = painter(o.colour);
    this.#portCells = Math.max(0, ...o.services.map((service) => String(service.port ?? '').length));
    this.#nameCells = Math.max(0, ...o.services.map((service) => width(harmless(service.name))));
  }

  /** Whole lines for stderr; '' for an event that is not shown. */
  line(event: Event): string {
    switch (event.type) {
      case 'state':
        return this.#change(event);
      case 'port':
        return this.#notice(portNotice(event, this.#viewer));
      case 'notice':
        if (event.notice.kind === 'still-starting' && !this.#isDue(event.service ?? '', event.notice.afterMs)) return '';
        return event.notice.kind === 'failure'
          ? formatFailure(event.notice.failure, { viewer: this.#viewer, colour: this.#colour })
          : this.#notice(notice(event, this.#viewer));
      case 'gap':
        return this.#notice({ level: 'warning', text: `${event.missed} events were missed` });
      case 'output':
      case 'done':
        return '';
    }
  }

  /** A line of its own, that no event has caused. */
  say(said: Notice): string {
    return this.#notice(said);
  }

  /** Ever rarer, so that a long start does not fill a CI log. */
  #isDue(service: string, afterMs: number): boolean {
    if (!this.#nextMentionMs || afterMs < (this.#nextMentionMs.get(service) ?? 0)) return false;
    this.#nextMentionMs.set(service, afterMs * 2);
    return true;
  }

  /** "stopped" is not printed for a service that never ran, has already ended, or keeps running without devup. */
  #change(event: StateEvent): string {
    const { service, state } = event;
    const before = this.#states.get(service);
    this.#states.set(service, state);
    this.#nextMentionMs?.delete(service);
    if (state === 'waiting') return '';
    if (state !== 'stopped') return this.#state(event, STATE_STYLES[state]);
    if (before === 'external') return this.#state(event, { ...STATE_STYLES.stopped, word: 'released' });
    return before === 'waiting' || (before && hasFinished(before)) ? '' : this.#state(event, STATE_STYLES.stopped);
  }

  #state(event: StateEvent, look: StateStyle): string {
    const service = this.#services.get(event.service) ?? { name: event.service, port: null, url: null, planned: false };
    const facts: string[] = [];
    if (event.afterMs !== null && event.state !== 'starting') facts.push(duration(event.afterMs));
    if (event.delayMs !== null) facts.push(`retry in ${formatDuration(event.delayMs)}`);
    if (event.restarts > 0) facts.push(`restart ${event.restarts}`);
    if (service.url !== null && isAvailable(event.state)) facts.push(service.url);
    if (event.pid !== null) facts.push(`pid ${event.pid}`);
    if (event.problem) facts.push(words(event.problem, this.#viewer).what);
    const subject = `${padStart(String(service.port ?? ''), this.#portCells)} ${padEnd(harmless(service.name), this.#nameCells)}`;
    const state = this.#paint(look.colour, padEnd(look.word, STATE_CELLS));
    return `${this.#paint(look.colour, look.glyph)} ${subject}  ${state}${facts.length > 0 ? `  ${facts.join('  ')}` : ''}`
      .trimEnd()
      .concat('\n');
  }

  #notice(said: Notice | null): string {
    if (!said) return '';
    const glyph = { info: this.#paint('dim', '·'), warning: this.#paint('yellow', '!'), error: this.#paint('red', '✖') }[said.level];
    const word = said.level === 'info' ? '' : `${said.level}: `;
    return `${glyph} ${word}${said.text}\n`;
  }
}
