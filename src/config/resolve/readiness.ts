/** The tests of `ready`, `health` and `reuse`. Which one is meant is told by its key. */
import { parseDuration } from '../../model/duration.ts';
import type {
  DeclaredPort,
  HealthTestInput,
  Readiness,
  ReadinessInput,
  ReadinessTest,
  ReadinessTestInput,
  ReadinessTiming,
} from '../../model/service.ts';
import { toCommand } from './command.ts';

const readyTimeoutMs = 60_000;
const readyIntervalMs = 250;
const reuseTimeoutMs = 5000;

type TimedTest = ReadinessTestInput & ReadinessTiming;

export function testsOf(input: ReadinessInput | undefined): readonly TimedTest[] {
  if (input === undefined) return [];
  return Array.isArray(input) ? (input as readonly TimedTest[]) : [input as TimedTest];
}

/** One readiness has one timeout and one interval: a list may say them in any of its entries, and `semantics.ts` refuses two that differ. */
export function normalizeReadiness(input: ReadinessInput | undefined, base: string | null): Readiness {
  const list = testsOf(input);
  const tests = list.map((test) => normalizeTest(test, base));
  const isTask = tests.some((test) => test.kind === 'exit');
  return {
    tests,
    timeoutMs: firstDuration(list.map((test) => test.timeout)) ?? (isTask ? null : readyTimeoutMs),
    intervalMs: firstDuration(list.map((test) => test.interval)) ?? readyIntervalMs,
  };
}

/** Only an answer proves whose server it is: a mere open port, a log line or an exit prove nothing about one that already runs. */
export function reuseProof(readiness: Readiness, said: ReadinessInput | undefined): Readiness {
  return {
    ...readiness,
    tests: readiness.tests.filter((test) => test.kind === 'http' || test.kind === 'command'),
    timeoutMs: firstDuration(testsOf(said).map((test) => test.timeout)) ?? reuseTimeoutMs,
  };
}

export function normalizeTest(input: ReadinessTestInput | HealthTestInput, base: string | null): ReadinessTest {
  if ('http' in input) {
    return {
      kind: 'http',
      url: input.http.startsWith('/') ? `${base ?? ''}${input.http}` : input.http,
      status: statusRange(input.status),
      body: input.body ?? null,
    };
  }
  if ('log' in input) return pattern(input.log);
  if ('command' in input) return { kind: 'command', command: toCommand(input.command) };
  return { kind: 'exit' in input ? 'exit' : 'port' };
}

/** `http://localhost:8000` of the main port; null without one. */
export function baseUrl(host: string, ports: readonly DeclaredPort[]): string | null {
  const main = ports[0];
  return main ? `http://${host.includes(':') ? `[${host}]` : host}:${main.port}` : null;
}

function statusRange(input: number | string | undefined): { readonly from: number; readonly to: number } {
  const [from, to] = String(input ?? '200-399')
    .split('-')
    .map(Number) as [number, number?];
  return { from, to: to ?? from };
}

/** Flags that make a RegExp remember where it was (`g`, `y`) have no place in a question with yes or no. */
function pattern(input: string | { readonly source: string; readonly flags?: string }): ReadinessTest {
  if (typeof input === 'string') return { kind: 'log', source: input.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), flags: '' };
  return { kind: 'log', source: input.source, flags: (input.flags ?? '').replace(/[gy]/g, '') };
}

function firstDuration(inputs: readonly (string | number | undefined)[]): number | null {
  const said = inputs.find((input) => input !== undefined);
  return said === undefined ? null : parseDuration(said);
}
