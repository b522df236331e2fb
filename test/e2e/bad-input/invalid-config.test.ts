import { describe, expect } from 'vitest';
import { test } from '../../rig/rig.ts';
import { printedError, project, withConfig } from './printed-error.ts';

const YAML = 'orchestrator.config.yaml';

describe('an invalid config', () => {
  test('F37: one run reports every problem, each with its place, path, value and suggestion', async ({ rig }) => {
    const text = `services:
  web: { prot: 8000, command: x }
  zero: { port: 0, command: x }
  high: { port: 65536, command: x }
  injected: { port: "8000; rm", command: x }
  first: { port: 9000, command: x }
  second: { port: 9000, command: x }
  third: { command: x, dependsOn: frist }
  fourth: { command: x, envFile: .env.missing }
  fifth: { port: 9005, command: x, env: { PORT: 9006 } }
  sixth: { command: x, cmd: y }
routes: { /: wbe }
`;
    const answer = printedError(await withConfig(rig, YAML, text, ['start', '-d']));
    expect(answer).toMatchObject({ exitCode: 3, code: 'E305', what: expect.stringMatching(/orchestrator\.config\.yaml has 10 problems$/) });
    const lines = answer.details.join('\n');
    for (const expected of [
      'orchestrator.config.yaml:2:10  services.web.prot  is not a known field here, got 8000 (did you mean port?)',
      'orchestrator.config.yaml:3:11  services.zero.port  must be a whole number between 1 and 65535, got 0',
      'orchestrator.config.yaml:4:11  services.high.port  must be a whole number between 1 and 65535, got 65536',
      'orchestrator.config.yaml:5:15  services.injected.port  must be a whole number between 1 and 65535, got "8000; rm"',
      'orchestrator.config.yaml:7:13  services.second.port  is also claimed by first; a port belongs to one service, got 9000',
      'services.third.dependsOn  names a service that does not exist, got "frist" (did you mean first?)',
      'services.fifth.env.PORT  differs from the declared port 9005; devup sets it, so leave it out, got "9006" (did you mean ${port}?)',
      'services.sixth.cmd  is not a known field here, got "y"',
      'routes./  names a service that does not exist, got "wbe" (did you mean web?)',
    ]) {
      expect(lines).toContain(expected);
    }
    expect(lines).toMatch(/services\.fourth\.envFile {2}names a file that does not exist: \/.*\/\.env\.missing$/m);
  });

  test('a single problem takes one line, with the suggestion as its fix', async ({ rig }) => {
    const [key, value, service] = await Promise.all([
      withConfig(rig, YAML, 'services:\n  a: { command: x, dependson: [] }\n', ['status']),
      withConfig(rig, YAML, 'services:\n  a: { command: x, restart: on-failur }\n', ['status']),
      withConfig(rig, YAML, 'services:\n  a: { command: x, port: 8000, onConflict: kil }\n', ['start', '--dry-run']),
    ]);
    expect(printedError(key)).toMatchObject({
      exitCode: 3,
      code: 'E305',
      why: 'services.a.dependson  is not a known field here, got []',
      fix: 'did you mean dependsOn?',
      details: [],
    });
    expect(printedError(value).fix).toBe('did you mean on-failure?');
    expect(printedError(service).fix).toBe('did you mean kill?');
  });

  // a → c → b → a; and d → d
  test('F37: a cycle is printed as a closed path', async ({ rig }) => {
    const text = 'services:\n  a: { command: x, dependsOn: c }\n  b: { command: x, dependsOn: a }\n  c: { command: x, dependsOn: b }\n';
    const chained = 'services:\n  a: { command: x, dependsOn: b }\n  b: { command: x }\n';
    const [round, self, byDefault] = await Promise.all([
      withConfig(rig, YAML, text, ['start']),
      withConfig(rig, YAML, 'services:\n  d: { command: x, dependsOn: d }\n', ['start']),
      withConfig(rig, YAML, chained, ['start']),
    ]);
    expect(printedError(round)).toMatchObject({ exitCode: 3, code: 'E305', why: 'services.a.dependsOn  closes a cycle: a → c → b → a' });
    expect(printedError(self).why).toBe('services.d.dependsOn  closes a cycle: d → d');
    expect(printedError(byDefault).why).toBe(
      'services.a.dependsOn  closes a cycle: a → b → a; b follows the service declared before it, because it has no dependsOn of its own',
    );
  });

  test('as JSON, it is one object with the facts of every problem', async ({ rig }) => {
    const cwd = project(rig, 'json', { [YAML]: 'services:\n  a: { command: x, port: 0 }\n  b: { command: x, port: 99999 }\n' });
    for (const args of [
      ['status', '--json'],
      ['kill', 'a', '--json'],
      ['wait', '--json'],
      ['ports', '--json'],
    ]) {
      const answer = await rig.devup(args, { cwd });
      expect({ args, code: answer.code }).toEqual({ args, code: 3 });
      expect(answer.json()).toMatchObject({
        schemaVersion: 1,
        error: {
          code: 'E305',
          message: expect.stringContaining('has 2 problems'),
          why: null,
          fix: expect.any(String),
          problems: [
            { service: 'a', path: 'services.a.port', value: '0', line: 2 },
            { service: 'b', path: 'services.b.port', value: '99999', line: 3 },
          ],
        },
      });
      expect(answer.stderr).toBe('');
    }
    const start = rig.start(['start', '-d', '--json'], { cwd });
    expect((await start.exited).code).toBe(3);
    expect(start.lines).toMatchObject([
      { schemaVersion: 1, error: { code: 'E305' } },
      { type: 'done', ok: false, exitCode: 3 },
    ]);
  });
});
