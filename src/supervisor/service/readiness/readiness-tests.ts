/**
 * Runs the tests of a config's `ready` and `health`: an HTTP request, a connect, a line of output, a command. They do not
 * prove readiness: a foreign process may answer 200, and Vite may have moved to the next port. So `await-ready.ts` also
 * checks who holds the ports.
 */
import { askHttp } from '../../../machine/http.ts';
import type { Machine } from '../../../machine/machine.ts';
import { isThisMachine } from '../../../model/address.ts';
import { commandText, type Readiness, type ReadinessTest, type Service, type TestKind } from '../../../model/service.ts';
import type { Unmet } from '../../../model/unmet.ts';
import type { Actor } from '../actor.ts';
import { runCommand } from '../process/run-command.ts';
import { commandEnvironment } from '../process/spawn.ts';
import { addListeners, isAsked } from './where-it-listens.ts';

export interface TestContext {
  readonly machine: Machine;
  readonly service: Service;
  readonly env: Readonly<Record<string, string>>;
  /** True if the pattern has matched the output since the spawn; `endless` if it has not, and takes too long for a line. */
  readonly logged: (source: string, flags: string) => boolean | 'endless';
  readonly signal?: AbortSignal;
}

const HTTP_TIMEOUT_MS = 5000;
const CONNECT_TIMEOUT_MS = 2000;
const COMMAND_TIMEOUT_MS = 30_000;
const BODY_LIMIT = 1024 * 1024;

interface AnyTester {
  ask(test: ReadinessTest, context: TestContext, timeoutMs: number | undefined): Promise<Unmet | null>;
  /** Replaces `ask` for a server that devup did not start. */
  askOther?(test: ReadinessTest, context: TestContext): Promise<Unmet | null>;
}
interface Tester<K extends TestKind> extends AnyTester {
  ask(
    test: Extract<ReadinessTest, { kind: K }>,
    context: TestContext,
    timeoutMs: number | undefined,
  ): Promise<Extract<Unmet, { kind: K }> | null>;
}

const TESTERS: { readonly [K in TestKind]: Tester<K> } = {
  port: {
    // The actor itself checks the ports.
    ask: async () => null,
    askOther: (_, context) => portWithoutListener(context),
  },
  exit: {
    // This test is only asked while the task runs.
    ask: async () => ({ kind: 'exit' }),
  },
  log: {
    async ask({ source, flags }, { logged }) {
      const found = logged(source, flags);
      return found === true ? null : { kind: 'log', pattern: `/${source}/${flags}`, ...(found === 'endless' ? { endless: true } : {}) };
    },
  },
  http: {
    async ask(test, context, timeoutMs = HTTP_TIMEOUT_MS) {
      const got = await wrongAnswer(test, context, timeoutMs);
      return got === null ? null : { kind: 'http', url: test.url, got };
    },
  },
  tcp: {
    async ask({ host, port }, { machine, signal }, timeoutMs = CONNECT_TIMEOUT_MS) {
      const got = await machine.connectTo({ host, port }, timeoutMs, signal);
      return got === null ? null : { kind: 'tcp', host, port, got };
    },
  },
  command: {
    async ask({ command }, { machine, service, env, signal }, timeoutMs = COMMAND_TIMEOUT_MS) {
      const result = await runCommand(machine, service, { command, env, timeoutMs, ...(signal ? { signal } : {}) });
      return result.ok ? null : { kind: 'command', command: commandText(command), got: result.got };
    },
  },
};

/** The context for the tests of a service in this session. */
export function testContextOf({ service, context, processes }: Actor, signal?: AbortSignal): TestContext {
  return {
    machine: context.machine,
    service,
    env: commandEnvironment(service, context),
    logged: (source, flags) => processes.output.logged(source, flags),
    ...(signal ? { signal } : {}),
  };
}

/** Runs one test. Null: the test passes. */
export function unmetTest(test: ReadinessTest, context: TestContext, timeoutMs?: number): Promise<Unmet | null> {
  const tester: AnyTester = TESTERS[test.kind];
  return tester.ask(test, context, timeoutMs);
}

function unmetByOther(test: ReadinessTest, context: TestContext, timeoutMs: number): Promise<Unmet | null> {
  const tester: AnyTester = TESTERS[test.kind];
  return tester.askOther?.(test, context) ?? tester.ask(test, context, timeoutMs);
}

/** Tests an external service, or the holder to `reuse`, until all tests pass or the time is over. Resolves with the tests that fail. */
export async function prove(readiness: Readiness, timeoutMs: number, context: TestContext): Promise<readonly Unmet[]> {
  const deadline = context.machine.clock.now() + timeoutMs;
  let lastUnmet: readonly Unmet[] | null = null;
  for (;;) {
    const left = Math.max(1, deadline - context.machine.clock.now());
    const results = await Promise.all(readiness.tests.map((test) => unmetByOther(test, context, left)));
    const unmet = results.filter((result) => result !== null);
    if (unmet.length === 0) return unmet;
    // If the deadline cuts off a test, the answers of the round before are more useful.
    if (context.machine.clock.now() >= deadline) return Promise.all((lastUnmet ?? unmet).map((one) => withAnyListeners(one, context)));
    lastUnmet = unmet;
    await context.machine.clock.sleep(Math.min(readiness.intervalMs, left), context.signal);
  }
}

/**
 * Adds to a test that reached no listener the listeners on the service's ports. Any listener counts, since devup does not run this service.
 */
async function withAnyListeners(unmet: Unmet, { machine, service }: TestContext): Promise<Unmet> {
  if (!isAsked(unmet) || !isThisMachine(service.host)) return unmet;
  const ports = new Set(service.ports.map(({ port }) => port));
  return addListeners(
    unmet,
    (await machine.listenSockets(ports)).filter(({ port }) => ports.has(port)),
  );
}

/** The first required port without a listener. Any listener counts, since devup does not run this service. */
async function portWithoutListener({ machine, service, signal }: TestContext): Promise<Unmet | null> {
  const required = service.ports.filter((port) => port.required).map(({ port }) => port);
  const open = isThisMachine(service.host)
    ? (await machine.listenSockets(new Set(required))).map((socket) => socket.port)
    : (
        await Promise.all(
          required.map(async (port) =>
            (await machine.connectTo({ host: service.host, port }, CONNECT_TIMEOUT_MS, signal)) === null ? [port] : [],
          ),
        )
      ).flat();
  const port = required.find((one) => !open.includes(one));
  return port === undefined ? null : { kind: 'port', port, holders: [] };
}

/** Describes an unexpected response; null for an expected one. */
async function wrongAnswer(
  { url, status, body }: Extract<ReadinessTest, { kind: 'http' }>,
  { machine, signal }: TestContext,
  timeoutMs: number,
): Promise<string | null> {
  const limits = { answerMs: timeoutMs, bodyMs: timeoutMs, bodyLength: body === null ? 0 : BODY_LIMIT };
  const answer = await askHttp({ method: 'GET', url, headers: {} }, limits, machine.clock, signal);
  if (answer.kind === 'none') return answer.why;
  if (answer.status < status.from || answer.status > status.to) return `status ${answer.status}`;
  return body === null || answer.body.includes(body) ? null : `a body without ${JSON.stringify(body)}`;
}
