/**
 * The kinds of tests that `ready`, `health` and `reuse` may ask for. A kind is told by its key; its shape stands in
 * `validate/schema.ts`, how it is asked in `supervisor/service/readiness/readiness-tests.ts`.
 */
import { parseHostPort } from '../../model/address.ts';
import type { HealthTestInput, ReadinessTest, ReadinessTestInput, TestInputs, TestKind } from '../../model/service.ts';
import { toCommand } from './command.ts';

interface AnyKind {
  /** `base`: the URL of the main port; null without one. */
  normalize(input: ReadinessTestInput, base: string | null): ReadinessTest;
  /** What its shape does not tell, each at a key of the test. */
  problems(input: ReadinessTestInput, portless: boolean): readonly TestProblem[];
  /** Whether it can be asked of a process that devup did not start. */
  readonly outside: boolean;
  /** Whether it tells whose server answers. A mere open port does not. */
  readonly identifies: boolean;
}

interface Kind<K extends TestKind> extends AnyKind {
  normalize(input: TestInputs[K], base: string | null): Extract<ReadinessTest, { kind: K }>;
  problems(input: TestInputs[K], portless: boolean): readonly TestProblem[];
}

export interface TestProblem {
  readonly key: string;
  readonly message: string;
}

const NEEDS_PORT = 'needs a port, but the service declares none';

const KINDS: { readonly [K in TestKind]: Kind<K> } = {
  port: {
    normalize: () => ({ kind: 'port' }),
    problems: (_, portless) => (portless ? [{ key: 'port', message: NEEDS_PORT }] : []),
    outside: true,
    identifies: false,
  },
  http: {
    normalize: ({ http, status, body }, base) => ({
      kind: 'http',
      url: http.startsWith('/') ? `${base ?? ''}${http}` : http,
      status: statusRange(status),
      body: body ?? null,
    }),
    problems: httpProblems,
    outside: true,
    identifies: true,
  },
  tcp: {
    // What is no target is a problem, and never reaches a stack.
    normalize: ({ tcp }) => ({ kind: 'tcp', ...(parseHostPort(tcp) ?? { host: 'localhost', port: 0 }) }),
    problems: ({ tcp }) =>
      parseHostPort(tcp) ? [] : [{ key: 'tcp', message: 'must be "host:port", or a port of this machine, between 1 and 65535' }],
    outside: true,
    identifies: false,
  },
  log: {
    normalize: ({ log }) => pattern(log),
    problems: patternProblems,
    outside: false,
    identifies: false,
  },
  command: {
    normalize: ({ command }) => ({ kind: 'command', command: toCommand(command) }),
    problems: () => [],
    outside: true,
    identifies: true,
  },
  exit: { normalize: () => ({ kind: 'exit' }), problems: () => [], outside: false, identifies: false },
};
const NAMES = Object.keys(KINDS) as readonly TestKind[];

export function normalizeTest(input: ReadinessTestInput | HealthTestInput, base: string | null): ReadinessTest {
  return kindOf(input).normalize(input, base);
}

export function testProblems(input: ReadinessTestInput | HealthTestInput, portless: boolean): readonly TestProblem[] {
  return kindOf(input).problems(input, portless);
}

/** The key of a test that only a process of devup's own can be asked; null for the others. */
export function insideKey(input: ReadinessTestInput): TestKind | null {
  return kindOf(input).outside ? null : keyOf(input);
}

/** `{ http }, { command } or { port }`. */
export const OUTSIDE_TESTS = listOf((kind) => kind.outside);
export const IDENTIFYING_TESTS = listOf((kind) => kind.identifies);

/** What can be asked of a server that already runs, beside who listens. */
export function asksServer({ kind }: ReadinessTest): boolean {
  return KINDS[kind].outside && kind !== 'port';
}

export function identifiesServer({ kind }: ReadinessTest): boolean {
  return KINDS[kind].identifies;
}

function keyOf(input: ReadinessTestInput | HealthTestInput): TestKind {
  return NAMES.find((name) => name in input) ?? 'port';
}

function kindOf(input: ReadinessTestInput | HealthTestInput): AnyKind {
  return KINDS[keyOf(input)];
}

function listOf(fits: (kind: AnyKind) => boolean): string {
  const keys = NAMES.filter((name) => fits(KINDS[name])).map((name) => `{ ${name} }`);
  return `${keys.slice(0, -1).join(', ')} or ${keys.at(-1) ?? ''}`;
}

function statusRange(input: number | string | undefined): { readonly from: number; readonly to: number } {
  const [from, to] = String(input ?? '200-399')
    .split('-')
    .map(Number) as [number, number?];
  return { from, to: to ?? from };
}

function httpProblems({ http, status }: TestInputs['http'], portless: boolean): readonly TestProblem[] {
  const problems: TestProblem[] = [];
  if (http.startsWith('/')) {
    if (portless) problems.push({ key: 'http', message: `is a path, which ${NEEDS_PORT}; write a full URL` });
  } else if (!(URL.canParse(http) && /^https?:/i.test(http))) {
    problems.push({ key: 'http', message: 'must be a path that begins with "/", or an http(s) URL' });
  }
  const { from, to } = statusRange(status);
  if (to < from) problems.push({ key: 'status', message: 'begins after its end' });
  return problems;
}

/** Flags that make a RegExp remember where it was (`g`, `y`) have no place in a question with yes or no. */
function pattern(input: TestInputs['log']['log']): Extract<ReadinessTest, { kind: 'log' }> {
  if (typeof input === 'string') return { kind: 'log', source: input.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), flags: '' };
  return { kind: 'log', source: input.source, flags: (input.flags ?? '').replace(/[gy]/g, '') };
}

function patternProblems({ log }: TestInputs['log']): readonly TestProblem[] {
  if (typeof log === 'string') return [];
  try {
    new RegExp(log.source, log.flags);
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [{ key: 'log', message: `is not a regular expression: ${error.message}` }];
  }
}
