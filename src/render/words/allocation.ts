/** Reasons why a port is not allocated to a new service. */
import type { PortState } from '../../model/port.ts';
import type { PassedOver } from '../../model/port-report.ts';
import { nameHolders } from './holder.ts';
import { troubleWords } from './port-trouble.ts';
import { hidden } from './refusal.ts';
import type { Viewer } from './viewer.ts';

export function passedOverWords(one: PassedOver, viewer: Viewer): string {
  switch (one.why) {
    case 'declared':
      return `is declared by ${one.service}`;
    case 'held':
      return `is not declared, but held now by ${stateHolders(one.state, viewer)}`;
    case 'blocked':
    case 'refused':
      return `is not declared, but ${'trouble' in one ? troubleWords(one.trouble).why : `cannot be bound (${one.errno})`}`;
  }
}

/** The reason in JSON output. */
export function passedOverJson(one: PassedOver, viewer: Viewer) {
  return { port: one.port, why: one.why, service: one.why === 'declared' ? one.service : null, text: passedOverWords(one, viewer) };
}

export function stateHolders(state: PortState, viewer: Viewer): string {
  if (state.kind === 'held' && state.holders.length > 0) return nameHolders(state.holders, viewer);
  return state.kind === 'hidden'
    ? `a process that cannot be seen: ${hidden(state.reason, state.port, viewer).why}`
    : 'a process that is already gone';
}
