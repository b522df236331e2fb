/** Tables of ports: `devup ports`, the dry run of a start, and the report of a kill. */
import type { Assessment } from '../model/assessment.ts';
import { harmless } from '../model/harmless.ts';
import type { Plan } from '../model/plan.ts';
import type { Holder, PortState } from '../model/port.ts';
import type { KilledPort, PortRow } from '../model/port-report.ts';
import type { TakeOver } from '../model/take-over.ts';
import { type Colour, painter } from './style.ts';
import { table } from './table.ts';
import { describeHolder, nameHolder } from './words/holder.ts';
import { takeOverWords } from './words/other-stack.ts';
import { troubleWords } from './words/port-trouble.ts';
import { refusalWords } from './words/ports.ts';
import { hidden } from './words/refusal.ts';
import { NO_VIEWER, type Viewer } from './words/viewer.ts';
import { words } from './words.ts';

export interface View {
  readonly colour: boolean;
  readonly viewer?: Viewer;
}

/** The table of `devup ports`. */
export function portsTable(rows: readonly PortRow[], view: View): string {
  const viewer = view.viewer ?? NO_VIEWER;
  const paint = painter(view.colour);
  const lines = table(
    [
      { title: 'PORT' },
      { title: 'SERVICE' },
      { title: 'CATEGORY' },
      { title: 'STATE' },
      { title: 'VERDICT' },
      { title: 'ADDRESS' },
      { title: 'LISTENER' },
    ],
    rows.flatMap(({ port, declaration, state, verdict }) => {
      const shown = verdict ?? (state.kind === 'free' ? 'free' : state.kind === 'hidden' ? 'unidentified' : 'held');
      const colour: Colour = shown === 'ours' || shown === 'external' ? 'green' : shown === 'free' || shown === 'held' ? 'dim' : 'red';
      const { service = '-', category, state: lives = '-' } = declaration ?? {};
      const first = [String(port), harmless(service), harmless(category ?? '-'), lives, paint(colour, shown)];
      return listeners(state, viewer).map(([address, who], i) => [...(i === 0 ? first : first.map(() => '')), address, who]);
    }),
  );
  const warned = rows.flatMap(({ port, declaration, warnings }) =>
    warnings
      .map(troubleWords)
      .map(({ why, fix }) => `${paint('yellow', '!')} ${harmless(declaration?.service ?? '')} ${port}: ${why}\n  fix  ${fix}\n`),
  );
  return warned.length === 0 ? lines : `${lines}\n${warned.join('')}`;
}

/** The lines below the table of the dry run, for `--take-over`. */
export function takeOverLines(takeOvers: readonly TakeOver[], view: View): string {
  const paint = painter(view.colour);
  const lines = takeOvers.map((takeOver) => `${paint('yellow', '!')} would stop ${takeOverWords(takeOver, view.viewer)}\n`);
  return lines.length === 0 ? '' : `\n${lines.join('')}`;
}

/** The table of `devup start --dry-run`: waves, ports, and what a claim would do to each holder. */
export function planTable(plan: Plan, claims: readonly Assessment[], view: View): string {
  const viewer = view.viewer ?? NO_VIEWER;
  const paint = painter(view.colour);
  const rows = plan.waves.flatMap((wave, number) =>
    wave.flatMap(({ service, dependencies }) => {
      const after = dependencies.map((dependency) => `${harmless(dependency.service)} ${dependency.condition}`).join(', ') || '-';
      const first = [String(number + 1), harmless(service.name), after];
      if (service.ports.length === 0) return [[...first, '-', '-']];
      return service.ports.map(({ port }, i) => {
        const claim = claims.find((one) => one.service === service.name && one.port === port);
        const [colour, text] = claim ? wouldDo(claim, viewer) : (['dim', 'not checked'] as const);
        return [...(i === 0 ? first : ['', '', '']), String(port), paint(colour, text)];
      });
    }),
  );
  return table([{ title: 'WAVE' }, { title: 'SERVICE' }, { title: 'AFTER' }, { title: 'PORT' }, { title: 'CLAIM' }], rows);
}

function wouldDo(claim: Assessment, viewer: Viewer): readonly [Colour, string] {
  const who = holdersOf(claim.state, viewer);
  switch (claim.action.kind) {
    case 'none':
      return claim.state.kind === 'free' ? ['green', 'free'] : ['green', `held by ${who}, its own process`];
    case 'reclaim':
      return ['yellow', `would end leftovers of an earlier session: ${who}`];
    case 'kill':
      return ['yellow', `would kill ${who}`];
    case 'ask':
      return ['yellow', `would ask before killing ${who}`];
    case 'adopt':
      return ['cyan', `would use ${who} as it is, if it passes its test`];
    case 'take-over':
      return ['yellow', `would stop ${claim.action.from.map(({ service }) => harmless(service)).join(', ')} of another stack: ${who}`];
    case 'refuse': {
      const { why, fix } = refusalWords(
        { service: claim.service, port: claim.port, state: claim.state, because: claim.action.because },
        viewer,
      );
      return ['red', `would be refused: ${who}${why === '' ? '' : `, ${why}`}; ${fix}`];
    }
  }
}

/** The report of `devup kill`: what it did, or would do. */
export function killReport(ports: readonly KilledPort[], view: View): string {
  const viewer = view.viewer ?? NO_VIEWER;
  const paint = painter(view.colour);
  return ports.map((one) => `${killLines(one).join('\n')}\n`).join('');

  function killLines(one: KilledPort): readonly string[] {
    const killed = one.killed.map(({ pid, command, signal }) => `${signal.replace('SIG', '')} ${pid}  ${harmless(command)}`);
    const list = killed.map((line) => `  ${line}`);
    switch (one.outcome) {
      case 'was-free':
        return [`${paint('green', '✔')} ${one.port} was already free`];
      case 'freed':
        return [`${paint('green', '✔')} ${one.port} is free`, ...list];
      case 'would-free': {
        // A supervisor that restarts the holders would be ended too.
        const others = one.killed.filter(({ pid }) => one.holders.every((holder) => holder.pid !== pid));
        return [
          `${paint('yellow', '·')} ${one.port} would be freed`,
          ...one.holders.map((holder) => `  ${describeHolder(holder, viewer)}`),
          ...others.map(({ pid, command, signal }) => `  ${signal.replace('SIG', '')} ${pid}  ${harmless(command)}`),
        ];
      }
      case 'refused':
      case 'failed': {
        const said = one.problem && words(one.problem, viewer);
        const head = `${paint('red', '✖')} ${said ? `${said.code} ${said.what}` : `${one.port} is still held`}`;
        return [head, ...list, ...(said?.why ? [`  why  ${said.why}`] : []), ...(said?.fix ? [`  fix  ${said.fix}`] : [])];
      }
    }
  }
}

function listeners(state: PortState, viewer: Viewer): readonly (readonly [string, string])[] {
  if (state.kind === 'free') return [['-', '-']];
  if (state.kind === 'hidden') return [[state.addresses.join(',') || '-', hidden(state.reason, state.port, viewer).why]];
  return state.holders.length === 0
    ? [[state.addresses.join(',') || '-', 'held by a process that cannot be seen']]
    : state.holders.map((holder: Holder) => [holder.addresses.join(',') || '-', describeHolder(holder, viewer)] as const);
}

function holdersOf(state: PortState, viewer: Viewer): string {
  if (state.kind === 'free') return 'nobody';
  if (state.kind === 'hidden' || state.holders.length === 0) return 'a process that cannot be seen';
  return state.holders.map((holder) => nameHolder(holder, viewer)).join(', ');
}
