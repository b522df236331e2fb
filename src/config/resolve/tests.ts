/**
 * The kinds of tests of `ready`, `health` and `reuse`. The key of a test names its kind. `validate/schema.ts` holds the shapes,
 * `supervisor/service/readiness/readiness-tests.ts` runs the tests.
 */
import { parseHostPort } from '../../model/address.ts';
import type { HealthTestInput, HealthTestKind, ReadinessTest, ReadinessTestInput, TestInputs, TestKind } from '../../model/service.ts';
import { toCommand } from './command.ts';

interface AnyKind {
  /** `base`: URL of the main port; null without a port. */
  normalize(input: ReadinessTestInput, base: string | null): ReadinessTest;
  /** Problems beyond the shape, each at a key of the test. */
  problems(input: ReadinessTestInput, portless: boolean): readonly TestProblem[];
  /** Whether the test works on a process that devup did not start. */
  readonly external: boolean;
  /** Whether the test identifies the server that answers. An open port does not. */
  readonly identifies: boolean;
}

interface Kind<K extends TestKind> extends AnyKind {
  readonly external: K extends HealthTestKind ? true : false;
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
    external: true,
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
    external: true,
    identifies: true,
  },
  tcp: {
    // An invalid target is a problem, so its placeholder never reaches a stack.
    normalize: ({ tcp }) => ({ kind: 'tcp', ...(parseHostPort(tcp) ?? { host: 'localhost', port: 0 }) }),
    problems: ({ tcp }) =>
      parseHostPort(tcp) ? [] : [{ key: 'tcp', message: 'must be "host:port", or a port of this machine, between 1 and 65535' }],
    external: true,
    identifies: false,
  },
  log: {
    normalize: ({ log }) => pattern(log),
    problems: patternProblems,
    external: false,
    identifies: false,
  },
  command: {
    normalize: ({ command }) => ({ kind: 'command', command: toCommand(command) }),
    problems: () => [],
    external: true,
    identifies: true,
  },
  exit: { normalize: () => ({ kind: 'exit' }), problems: () => [], external: false, identifies: false },
};
const NAMES = Object.keys(KINDS) as readonly TestKind[];

export function normalizeTest(input: ReadinessTestInput | HealthTestInput, base: string | null): ReadinessTest {
  return kindOf(input).normalize(input, base);
}

export function testProblems(input: ReadinessTestInput | HealthTestInput, portless: boolean): readonly TestProblem[] {
  return kindOf(input).problems(input, portless);
}

/** The key of a test that works only on a process that devup started; null for the other tests. */
export function ownProcessKey(input: ReadinessTestInput): TestKind | null {
  return kindOf(input).external ? null : keyOf(input);
}

/** The tests of external services, as a list: `{ http }, { command } or { port }`. */
export const EXTERNAL_TESTS = listOf((kind) => kind.external);
export const IDENTIFYING_TESTS = listOf((kind) => kind.identifies);

/** Whether this test can be run against a server that already runs. A port test would only show that the port is held. */
export function testsRunningServer({ kind }: ReadinessTest): boolean {
  return KINDS[kind].external && kind !== 'port';
}

export function identifiesServer({ kind }: ReadinessTest): boolean {
  return KINDS[kind].identifies;
}

function keyOf(input: ReadinessTestInput | HealthTestInput): TestKind {
  const key = NAMES.find((name) => name in input);
  if (key === undefined) throw new Error(`a test without a kind: ${Object.keys(input).join(', ')}`);
  return key;
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

/** Drops the flags `g` and `y`, which make a RegExp continue from its last match. */
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
