/** The output of `devup ports 8002`: every fact about the holders, one per line. */
import { formatDuration } from '../model/duration.ts';
import { harmless } from '../model/harmless.ts';
import type { Holder } from '../model/port.ts';
import type { Declaration, PortRow } from '../model/port-report.ts';
import { maskSecrets } from '../model/secrets.ts';
import { tilde } from './words/holder.ts';
import { troubleWords } from './words/port-trouble.ts';
import { hidden } from './words/refusal.ts';
import type { Viewer } from './words/viewer.ts';

export function portDetails({ port, declaration, state, verdict, warnings }: PortRow, viewer: Viewer): string {
  const said = [declaration?.service ?? null, verdict]
    .filter((part) => part !== null)
    .map(harmless)
    .join(', ');
  const head = `${port}${said === '' ? '' : ` (${said})`}`;
  const more = [
    ...(declaration === null ? [] : declarationFacts(declaration)),
    ...warnings.map(troubleWords).flatMap(({ why, fix }): readonly Fact[] => [
      ['warning', why],
      ['fix', fix],
    ]),
  ];
  const last = facts(more);
  if (state.kind === 'free') return `${head}  nothing listens\n${last}`;
  if (state.kind === 'hidden') return `${head}  ${hidden(state.reason, port, viewer).why}\n${last}`;
  return `${head}\n${state.holders.map((holder) => lines(holder, viewer)).join('\n')}${last === '' ? '' : `\n${last}`}`;
}

type Fact = readonly [string, string | null];

function declarationFacts({ category, state, url }: Declaration): readonly Fact[] {
  return [
    ['category', category],
    ['state', state],
    ['address', url],
  ];
}

function lines(holder: Holder, viewer: Viewer): string {
  return facts([
    ['pid', String(holder.pid)],
    ['command', maskSecrets(holder.command, viewer.secrets)],
    ['program', holder.executable && tilde(holder.executable, viewer.home)],
    ['folder', holder.cwd && tilde(holder.cwd, viewer.home)],
    ['user', holder.user ?? (holder.uid === null ? null : `uid ${holder.uid}`)],
    ['since', since(holder, viewer)],
    ['addresses', holder.addresses.join(', ')],
    ['container', holder.container],
    ['image', holder.published?.image ?? null],
    ['project', holder.published?.project ?? null],
    ['unit', holder.unit],
    ['devup', holder.stack && `service ${holder.stack.service} of stack ${holder.stack.id}`],
    ['started by', holder.ancestors.map(({ pid, name }) => `${name} (${pid})`).join(' < ') || null],
  ]);
}

function facts(all: readonly Fact[]): string {
  return all.map(([title, text]) => (text === null ? '' : `  ${title.padEnd(10)}  ${harmless(text)}\n`)).join('');
}

function since({ startedAtMs }: Holder, { nowMs }: Viewer): string | null {
  if (startedAtMs === null) return null;
  const at = new Date(startedAtMs).toISOString();
  return nowMs === null ? at : `${at} (${formatDuration(Math.max(0, nowMs - startedAtMs))})`;
}
