/**
 * The shape of a config. Validation and the JSON Schema for editors both come from it, and a type test compares it with
 * `StackInput`. `semantics.ts` checks the relations between fields.
 * Each message reads after a path: `services.backend.port must be …`.
 */
import * as z from 'zod';
import { parseDuration } from '../../model/duration.ts';
import { GRACE_MS } from '../../model/graces.ts';
import type { PlatformName } from '../../model/platform.ts';
import { parsePortRange } from '../../model/port-range.ts';
import type { HealthTestKind, TestKind } from '../../model/service.ts';

/** Longest delay of a Node timer; a longer one fires at once. */
const maxDurationMs = 2 ** 31 - 1;

const text = z.string({ error: 'must be a string' });
const name = text.min(1, { error: 'must not be empty' });
const names = z.record(text, text, { error: 'must be an object of strings' });
const flag = z.boolean({ error: 'must be true or false' });

const portMessage = 'must be a whole number between 1 and 65535';
const port = z.int({ error: portMessage }).min(1, { error: portMessage }).max(65535, { error: portMessage });

const duration = z
  .union([z.string(), z.number().min(0)], { error: 'must be a duration such as "10s", "500ms" or "2m"' })
  .refine((value) => (parseDuration(value) ?? Number.POSITIVE_INFINITY) <= maxDurationMs, {
    error: 'must be a duration such as "10s", "500ms" or "2m", at most 24 days',
  })
  .meta({ description: 'A duration: "500ms", "10s", "2m", "1h", or a number of milliseconds.' });

const count = z.int({ error: 'must be a whole number' }).min(0, { error: 'must not be negative' });

const argv = z.array(text, { error: 'must be a list of strings' }).min(1, { error: 'must not be empty' });
const command = z.union([name, argv], { error: 'must be a string or a list of strings' });
const perPlatform = { darwin: command.exactOptional(), linux: command.exactOptional(), win32: command.exactOptional() } satisfies {
  readonly [N in PlatformName]: z.ZodType;
};
const platformCommand = z.union([name, argv, z.strictObject({ default: command, ...perPlatform })], {
  error: `must be a string, a list of strings, or { default, ${Object.keys(perPlatform).join(', ')} } of these`,
});

const statusMessage = 'must be an HTTP status such as 200, or a range such as "200-399"';
const status = z.union(
  [
    z.int({ error: statusMessage }).min(100, { error: statusMessage }).max(599, { error: statusMessage }),
    z.string().regex(/^[1-5]\d\d(-[1-5]\d\d)?$/, { error: statusMessage }),
  ],
  { error: statusMessage },
);
const pattern = z.union([text, z.strictObject({ source: text, flags: text.exactOptional() })], {
  error: 'must be a string, a RegExp, or { source, flags }',
});

const timing = { timeout: duration.exactOptional(), interval: duration.exactOptional() };
const portTest = { port: z.literal(true, { error: 'must be true' }) };
const httpTest = { http: name, status: status.exactOptional(), body: text.exactOptional() };
const tcpTest = { tcp: z.union([name, port], { error: 'must be "host:port", or a port of this machine' }) };
const commandTest = { command };
const readinessTests = {
  port: z.strictObject({ ...portTest, ...timing }),
  http: z.strictObject({ ...httpTest, ...timing }),
  tcp: z.strictObject({ ...tcpTest, ...timing }),
  log: z.strictObject({ log: pattern, ...timing }),
  command: z.strictObject({ ...commandTest, ...timing }),
  exit: z.strictObject({ exit: z.literal(0, { error: 'must be 0' }), ...timing }),
} satisfies { readonly [K in TestKind]: z.ZodType };
const oneTest = `must be one of ${keysOf(readinessTests)}`;
const anyTest = Object.values(readinessTests);
const tests = z.array(z.union(anyTest, { error: oneTest })).min(1, { error: 'must not be empty' });
const readiness = z.union([...anyTest, tests], { error: `${oneTest}, or a list of them` });

const healthTiming = {
  ...timing,
  retries: z.int({ error: 'must be a whole number' }).min(1, { error: 'must be at least 1' }).exactOptional(),
  restart: flag.exactOptional().meta({ description: 'Whether a failure restarts it (default: true, as far as its own restart allows).' }),
};
const healthTests = {
  port: z.strictObject({ ...portTest, ...healthTiming }),
  http: z.strictObject({ ...httpTest, ...healthTiming }),
  tcp: z.strictObject({ ...tcpTest, ...healthTiming }),
  command: z.strictObject({ ...commandTest, ...healthTiming }),
} satisfies Record<HealthTestKind, z.ZodType>;
const health = z.union(Object.values(healthTests), { error: `must be one of ${keysOf(healthTests)}` });

const restartPolicy = z.enum(['no', 'on-failure', 'always'], { error: 'must be "no", "on-failure" or "always"' });
const restart = z.union(
  [
    restartPolicy,
    z.strictObject({
      policy: restartPolicy,
      max: count.exactOptional(),
      stable: duration.exactOptional(),
      backoff: z
        .strictObject({ initial: duration.exactOptional(), max: duration.exactOptional() }, { error: 'must be an object { initial, max }' })
        .exactOptional(),
    }),
  ],
  { error: 'must be "no", "on-failure", "always", or { policy, max, stable, backoff }' },
);

const signal = z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGKILL'], {
  error: 'must be a signal such as "SIGTERM" or "SIGINT"',
});
const stop = z.union(
  [
    z.strictObject({ signal: signal.exactOptional(), timeout: duration.exactOptional() }),
    z.strictObject({ command, timeout: duration.exactOptional() }),
  ],
  { error: 'must be { signal, timeout } or { command, timeout }' },
);

const onConflict = z.union(
  [z.enum(['kill', 'ask', 'fail', 'reuse'], { error: 'must be "kill", "ask", "fail" or "reuse"' }), z.strictObject({ reuse: readiness })],
  { error: 'must be "kill", "ask", "fail", "reuse", or { reuse: readiness }' },
);
const listener = z.union([z.enum(['tree', 'any'], { error: 'must be "tree" or "any"' }), z.strictObject({ container: name })], {
  error: 'must be "tree", "any", or { container: name }',
});
const condition = z.enum(['ready', 'started', 'completed'], { error: 'must be "ready", "started" or "completed"' });
const dependsOn = z.union([text, z.array(text, { error: 'must be a list of service names' }), z.record(text, condition)], {
  error: 'must be a service name, a list of them, or { name: condition }',
});

const oneEnvFile = 'must be a file, { path, required, expand }';
const envFile = z.union(
  [
    name,
    z.strictObject({
      path: name,
      required: flag.exactOptional().meta({ description: 'Whether it must exist (default: true).' }),
      expand: flag.exactOptional().meta({ description: 'Whether ${NAME} in its values is replaced (default: true).' }),
    }),
  ],
  { error: oneEnvFile },
);

export const serviceSchema = z.strictObject(
  {
    command: platformCommand.exactOptional().meta({ description: 'What to run. Omitted: an external service that must already run.' }),
    port: port.exactOptional().meta({ description: 'The one fixed TCP port; short for ports: { main: … }.' }),
    ports: z
      .record(
        text,
        z.union([port, z.strictObject({ port, required: flag.exactOptional() })], { error: `${portMessage}, or { port, required }` }),
        {
          error: 'must be an object of ports',
        },
      )
      .exactOptional()
      .meta({ description: 'Named ports; the first is the main one.' }),
    host: name.exactOptional().meta({ description: 'Where clients reach it (default: localhost).' }),
    cwd: name.exactOptional().meta({ description: 'Working directory, relative to this file.' }),
    env: z
      .record(text, z.union([z.string(), z.number(), z.boolean()], { error: 'must be a string, a number, true or false' }), {
        error: 'must be an object of environment variables',
      })
      .exactOptional(),
    envFile: z
      .union([...envFile.options, z.array(envFile, { error: 'must be a list of files' })], { error: `${oneEnvFile}, or a list of these` })
      .exactOptional()
      .meta({ description: 'Files of NAME=value lines, relative to this file; the later wins.' }),
    dependsOn: dependsOn.exactOptional().meta({ description: 'Default: the service declared before it. [] starts at once.' }),
    ready: readiness.exactOptional().meta({ description: 'When it counts as ready (default: it holds its ports).' }),
    listener: listener.exactOptional().meta({ description: 'Who must hold the port (default: tree, its own processes).' }),
    health: health.exactOptional().meta({ description: 'Tested while it runs.' }),
    restart: restart.exactOptional().meta({ description: 'Default: on-failure.' }),
    stop: stop.exactOptional().meta({ description: `How it is asked to end (default: SIGTERM, ${GRACE_MS.service / 1000}s).` }),
    onConflict: onConflict.exactOptional().meta({ description: 'What to do with a foreign process on its port (default: kill).' }),
    optional: flag.exactOptional().meta({ description: 'Not started unless named or needed.' }),
    profiles: z.array(name, { error: 'must be a list of strings' }).exactOptional(),
    links: names.exactOptional().meta({ description: 'Named URLs, or paths on the main port.' }),
    category: name.exactOptional().meta({ description: 'The range it belongs to.' }),
    description: text.exactOptional(),
    labels: names.exactOptional(),
    output: z
      .enum(['split', 'merged'], { error: 'must be "split" or "merged"' })
      .exactOptional()
      .meta({ description: 'Whether stdout and stderr have a pipe each, or share one that keeps their order (default: split).' }),
  },
  { error: 'must be an object: a service' },
);

const range = z.strictObject(
  {
    ports: text.refine((value) => typeof parsePortRange(value) === 'object', { error: 'must be a range such as "3000-3099"' }),
    purpose: text.exactOptional(),
  },
  { error: 'must be an object { ports, purpose }' },
);

const patterns = z.array(name, { error: 'must be a list of patterns such as "apps/**"' });

export const stackSchema = z.strictObject(
  {
    $schema: text.exactOptional(),
    name: name.exactOptional().meta({ description: "For display (default: the folder's name)." }),
    services: z
      .record(text, serviceSchema, { error: 'must be an object of services' })
      .meta({ description: 'In the order in which they start.' }),
    ranges: z.record(text, range, { error: 'must be an object of ranges' }).exactOptional(),
    routes: z
      .record(text, text, { error: 'must be an object { prefix: service }' })
      .exactOptional()
      .meta({ description: 'Which service answers which path prefix.' }),
    check: z
      .strictObject(
        { include: patterns.exactOptional(), ignore: patterns.exactOptional() },
        { error: 'must be an object { include, ignore }' },
      )
      .exactOptional()
      .meta({ description: 'Which files `devup check` reads: patterns such as "apps/**", relative to this file.' }),
  },
  { error: 'must be an object with services' },
);

/** `{ port }, { http }`. */
function keysOf(tests: object): string {
  return Object.keys(tests)
    .map((key) => `{ ${key} }`)
    .join(', ');
}

/** JSON Schema of a config, for editors of YAML and JSON files. Published as `devup/schema.json`. */
export function jsonSchema(): object {
  return { title: 'devup configuration', ...z.toJSONSchema(stackSchema, { io: 'input' }), patternProperties: { '^x-': {} } };
}
