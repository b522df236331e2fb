/** The glyph, word and colour of each state, shared by tables, lines and the task tree. */
import type { ServiceState } from '../model/service-state.ts';
import type { Colour } from './style.ts';

export interface StateStyle {
  readonly glyph: string;
  readonly word: string;
  readonly colour: Colour;
}

export const STATE_STYLES: Readonly<Record<ServiceState, StateStyle>> = {
  stopped: { glyph: '○', word: 'stopped', colour: 'dim' },
  waiting: { glyph: '·', word: 'waiting', colour: 'dim' },
  starting: { glyph: '…', word: 'starting', colour: 'cyan' },
  ready: { glyph: '✔', word: 'ready', colour: 'green' },
  unhealthy: { glyph: '!', word: 'unhealthy', colour: 'yellow' },
  stopping: { glyph: '…', word: 'stopping', colour: 'yellow' },
  backoff: { glyph: '↻', word: 'backoff', colour: 'yellow' },
  completed: { glyph: '✔', word: 'completed', colour: 'green' },
  failed: { glyph: '✖', word: 'failed', colour: 'red' },
  debugging: { glyph: '◉', word: 'debugging', colour: 'cyan' },
  external: { glyph: '✔', word: 'external', colour: 'green' },
};
