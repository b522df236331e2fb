/** `devup ports`: shows the ports of the config, one port in full, or all listeners, or finds a port for a new service. */

import { nearMisses, nextPort } from '../../app/ports/next.ts';
import { listeningPorts, promisedPorts, rowsOf } from '../../app/ports/rows.ts';
import { findTarget, loadTarget, type Target } from '../../app/target.ts';
import type { Failure } from '../../model/failure.ts';
import { type PortRange, parsePortRange } from '../../model/port-range.ts';
import type { Declaration, PortRow } from '../../model/port-report.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { suggest } from '../../model/suggest.ts';
import { noSuchService } from '../../model/unknown-service.ts';
import { holderJson, jsonLine } from '../../render/json.ts';
import { portDetails } from '../../render/port-details.ts';
import { portsTable } from '../../render/port-tables.ts';
import { passedOverJson, passedOverWords } from '../../render/words/allocation.ts';
import { troubleWords } from '../../render/words/port-trouble.ts';
import type { Viewer } from '../../render/words/viewer.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag, textFlag } from '../parse/values.ts';
import { finish, printJson } from '../screen/finish.ts';
import { type Screen, screen } from '../screen/screen.ts';

export async function ports(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const next = textFlag(parsed, 'next');
  if ([parsed.words.length > 0, parsed.flags['all'] === true, next !== null].filter(Boolean).length > 1)
    return finish(shown, { code: 'E001', kind: 'usage', message: ONE_QUESTION, suggestion: null, command: 'ports' });
  const target = await findTarget(configFlag(parsed), context);
  const declared = await promisedPorts(target, context);
  const all = parsed.flags['all'] === true;
  if (!declared.ok) {
    const needsConfig = parsed.words.length === 0 && !all && next === null;
    // A broken config fails `--next`, since it may declare the port that would be found. Listeners do not depend on the config.
    const byNumber = next === null && parsed.words.every(looksLikePort);
    if (needsConfig || (declared.failure.code !== 'E301' && !byNumber)) return finish(shown, declared.failure);
  }
  const known = declared.ok ? declared.value : [];
  const named = namedPorts(parsed.words, known);
  if (!named.ok) return finish(shown, named.failure);
  if (next !== null) return showNext(next, { target, declared: known }, shown, context);
  const wanted = all ? await listeningPorts(context) : named.value.length > 0 ? named.value : known.map(({ port }) => port);
  const rows = await rowsOf(wanted, known, target, context);
  if (shown.json) await shown.out.write(jsonLine(portsJson(rows, shown.viewer)));
  else if (named.value.length > 0) await shown.out.write(rows.map((row) => portDetails(row, shown.viewer)).join('\n'));
  else await shown.out.write(portsTable(rows, { colour: shown.outColour, viewer: shown.viewer }));
  return finish(shown, null);
}

const ONE_QUESTION = 'named ports, --all and --next exclude each other: use one of them';

/** The ports that words name: numbers, ranges and service names. Fails with E204 or E002. */
function namedPorts(words: readonly string[], declared: readonly Declaration[]): Result<readonly number[], Failure> {
  const found = new Set<number>();
  const services = [...new Set(declared.map(({ service }) => service))];
  for (const word of words) {
    if (services.includes(word) ? parsePortRange(word) === 'not-a-port' : !looksLikePort(word) && services.length > 0) {
      if (!services.includes(word)) return fail(noSuchService(word, services));
      for (const { service, port } of declared) if (service === word) found.add(port);
      continue;
    }
    const range = rangeOf(word);
    if (!range.ok) return range;
    for (let port = range.value.from; port <= range.value.to; port++) found.add(port);
  }
  return ok([...found]);
}

function looksLikePort(word: string): boolean {
  return /^[:\d]/.test(word);
}

/** The config that was found, if any, and the ports that it declares. */
interface Project {
  readonly target: Result<Target, Failure>;
  readonly declared: readonly Declaration[];
}

/** `--next`: a range, or the name of a range in the config. Exits with 1 if no port of the range is free. */
async function showNext(text: string, { target, declared }: Project, shown: Screen, context: Context): Promise<number> {
  const range = looksLikePort(text) ? rangeOf(text) : await categoryRange(text, target, context);
  if (!range.ok) return finish(shown, range.failure);
  const { from, to } = range.value;
  const { next, passedOver, beyond } = await nextPort(range.value, declared, context);
  const exitCode = next === null ? 1 : 0;
  if (shown.json)
    return printJson(
      shown,
      { next, range: { from, to }, passedOver: passedOver.map((one) => passedOverJson(one, shown.viewer)), beyond },
      exitCode,
    );
  if (next !== null) await shown.out.write(`${next}\n`);
  else
    await shown.err.write(`every port of ${from}-${to} is declared or in use${beyond === null ? '' : `; ${beyond}, above it, is free`}\n`);
  for (const one of nearMisses(passedOver)) await shown.err.write(`${one.port} ${passedOverWords(one, shown.viewer)}\n`);
  return finish(shown, null, exitCode);
}

const MAX_PORTS = 1000;

/** Fails with E204. */
function rangeOf(text: string): Result<PortRange, Failure> {
  const range = parsePortRange(text);
  if (typeof range === 'string') return fail({ code: 'E204', kind: 'bad-port', text, reason: range });
  return range.to - range.from >= MAX_PORTS ? fail({ code: 'E204', kind: 'bad-port', text, reason: 'too-many' }) : ok(range);
}

async function categoryRange(name: string, target: Result<Target, Failure>, context: Context): Promise<Result<PortRange, Failure>> {
  if (!target.ok) return target;
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return stack;
  const categories = stack.value.ranges.map(({ category }) => category);
  const range = stack.value.ranges.find(({ category }) => category === name);
  if (range) return ok(range);
  const meant = suggest(name, categories);
  const known = categories.length === 0 ? 'the config declares none' : `the config declares ${categories.join(', ')}`;
  const suggestion = meant === null ? null : `devup ports --next ${meant}`;
  return fail({ code: 'E001', kind: 'usage', message: `there is no range ${name}: ${known}`, suggestion, command: 'ports' });
}

function portsJson(rows: readonly PortRow[], viewer: Viewer) {
  return {
    schemaVersion: 1,
    ports: rows.map(({ port, declaration, state, verdict, warnings }) => ({
      port,
      service: declaration?.service ?? null,
      category: declaration?.category ?? null,
      serviceState: declaration?.state ?? null,
      verdict,
      state: state.kind,
      addresses: state.kind === 'free' ? [] : state.addresses,
      holders: state.kind === 'held' ? state.holders.map((holder) => holderJson(holder, viewer)) : [],
      warnings: warnings.map((trouble) => ({ kind: trouble.kind, ...troubleWords(trouble) })),
    })),
  };
}
