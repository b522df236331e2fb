import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { test } from '../../rig/rig.ts';
import { printedError, project, withConfig } from './printed-error.ts';

const GOOD = 'export default { services: { a: { command: "sleep 60" } } };\n';

describe('a config that cannot be used', () => {
  test('is missing: the error names the searched folders, and status says how to begin', async ({ rig }) => {
    const below = project(rig, 'empty/deep/below', {});
    for (const command of ['start', 'status', 'stop', 'logs']) {
      const { exitCode, code, why, fix } = printedError(await rig.devup([command], { cwd: below }));
      expect({ command, exitCode, code }).toEqual({ command, exitCode: 3, code: 'E301' });
      expect(why).toContain('/empty/deep/below');
      expect(fix).toContain('orchestrator.config.ts');
    }
  });

  test('is named but missing, or no config at all: the error says which', async ({ rig }) => {
    rig.write('notes.txt', 'hello');
    const [missing, folder, text, byVariable] = await Promise.all([
      rig.devup(['--config', 'nope.ts', 'status']),
      rig.devup(['start', '-d', '--config', '.']),
      rig.devup(['start', '--config=notes.txt']),
      rig.devup(['status'], { env: { DEVUP_CONFIG: 'elsewhere.yaml' } }),
    ]);
    expect(printedError(missing)).toMatchObject({
      exitCode: 3,
      code: 'E302',
      why: 'the file does not exist',
      fix: expect.stringContaining('--config'),
    });
    expect(printedError(folder)).toMatchObject({ exitCode: 3, why: 'it is a folder, not a file' });
    expect(printedError(text)).toMatchObject({ exitCode: 3, why: expect.stringContaining('devup reads only these kinds of files') });
    expect(printedError(byVariable).what).toContain('elsewhere.yaml');
  });

  for (const [kind, file, text, place, why] of [
    [
      'TypeScript',
      'orchestrator.config.ts',
      'export default {\n  services: {\n    a: { port: 8000 command: "x" },\n  },\n};\n',
      '3:21',
      /Unexpected token/,
    ],
    ['CommonJS', 'orchestrator.config.cjs', 'module.exports = {\n  services: {{\n};\n', '2:14', /Unexpected|Expected/],
    ['JSON', 'orchestrator.config.json', '{\n  "services": {\n    "a": { "port": 8000,, }\n  }\n}\n', '3:25', /./],
    ['YAML', 'orchestrator.config.yaml', 'services:\n  a:\n    port: 8000\n   command: x\n', '4:1', /column|indent/],
    ['package.json', 'package.json', '{\n  "orchestrator": {\n    "services": [}\n  }\n}\n', '3:18', /./],
  ] as const) {
    test(`has a syntax error: the error has its line and column (${kind})`, async ({ rig }) => {
      const answer = printedError(await withConfig(rig, file, text, ['start', '-d']));
      expect(answer).toMatchObject({ exitCode: 3, code: 'E302', why: expect.stringMatching(why) });
      expect(answer.what).toMatch(new RegExp(`/${file}:${place} cannot be read$`));
      expect(answer.fix).toBe('correct that line and try again');
    });
  }

  test('throws: the error has its line; only --debug shows the stack trace, in JSON too', async ({ rig }) => {
    const text =
      'const settings: { name?: { first: string } } = {};\nfunction read(): string {\n  return settings.name!.first;\n}\nread();\nexport default {};\n';
    const cwd = project(rig, 'throws', { 'orchestrator.config.ts': text });
    const runs = [
      ['start'],
      ['start', '-d'],
      ['status'],
      ['start', '-d', '--debug'],
      ['status', '--json'],
      ['status', '--json', '--debug'],
    ];
    const [start, detached, status, debug, json, jsonDebug] = await Promise.all(runs.map((args) => rig.devup(args, { cwd })));
    for (const answer of [start, detached, status]) {
      expect(printedError(answer as NonNullable<typeof answer>)).toMatchObject({
        exitCode: 3,
        code: 'E302',
        what: expect.stringMatching(/orchestrator\.config\.ts:3(:\d+)? failed to load$/),
        why: "TypeError: Cannot read properties of undefined (reading 'first')",
      });
    }
    expect(debug?.stderr).toMatch(/^TypeError: .*\n\s+at read \(.*orchestrator\.config\.ts(\?devup=\d+)?:3/m);
    expect(json?.json()).toMatchObject({
      schemaVersion: 1,
      error: { code: 'E302', line: 3, message: expect.any(String), why: expect.any(String), fix: expect.any(String) },
    });
    expect(json?.stdout).not.toContain('at read');
    expect(jsonDebug?.json()).toMatchObject({ error: { stack: expect.stringContaining('at read') as unknown } });
  });

  test('F36: a config that calls process.exit, at once or later, with any code, is reported with exit 3', async ({ rig }) => {
    const later =
      'setTimeout(() => process.exit(5), 1);\nawait new Promise(() => setInterval(() => undefined, 1000));\nexport default {};\n';
    const [now, detached, late] = await Promise.all([
      withConfig(rig, 'orchestrator.config.mjs', `process.exit(0);\n${GOOD}`, ['start']),
      withConfig(rig, 'orchestrator.config.ts', `import { exit } from 'node:process';\nexit(0);\n${GOOD}`, ['start', '-d']),
      withConfig(rig, 'orchestrator.config.mjs', later, ['status'], { timeoutMs: 15_000 }),
    ]);
    expect(printedError(now)).toMatchObject({ exitCode: 3, code: 'E304', why: expect.stringContaining('process.exit(0)') });
    expect(printedError(detached)).toMatchObject({ exitCode: 3, code: 'E304' });
    expect(printedError(late)).toMatchObject({ exitCode: 3, code: 'E304', why: expect.stringContaining('process.exit(5)') });
  });

  test('F36: a config that never settles is abandoned after ten seconds; Ctrl-C ends one in an endless loop', async ({ rig }) => {
    const hanging = withConfig(rig, 'orchestrator.config.mjs', `await new Promise(() => {});\n${GOOD}`, ['start', '-d']);
    const spinning = rig.start(['start'], {
      cwd: project(rig, 'spins', { 'orchestrator.config.mjs': `console.error('spinning');\nfor (;;);\n${GOOD}` }),
    });
    await spinning.waitForOutput(/spinning/);
    spinning.signal('SIGINT');
    expect(await spinning.exited).toEqual({ code: null, signal: 'SIGINT' });
    expect(printedError(await hanging)).toMatchObject({
      exitCode: 3,
      code: 'E303',
      what: expect.stringContaining('did not finish loading in 10 s'),
    });
  });

  test('exports nothing, or imports a missing module: the error says so', async ({ rig }) => {
    const [nothing, empty, missing, throwsText] = await Promise.all([
      withConfig(rig, 'orchestrator.config.ts', 'const x = 1;\nconsole.log(x);\n', ['status']),
      withConfig(rig, 'orchestrator.config.yaml', '', ['status']),
      withConfig(rig, 'orchestrator.config.ts', "import x from './nowhere.ts';\nexport default x;\n", ['status']),
      withConfig(rig, 'orchestrator.config.mjs', "throw 'no number';\n", ['status']),
    ]);
    expect(printedError(nothing)).toMatchObject({ code: 'E305', why: expect.stringContaining('export default defineConfig') });
    // Output that the config printed is not the answer.
    expect(nothing.stdout).toBe('');
    expect(printedError(empty)).toMatchObject({ code: 'E305', why: 'is empty: it needs services' });
    expect(printedError(missing)).toMatchObject({ code: 'E302', why: "Cannot find module './nowhere.ts'" });
    expect(printedError(throwsText)).toMatchObject({
      code: 'E302',
      why: "it threw 'no number'",
      what: expect.stringContaining('failed to load'),
    });
  });
});

test('nothing is written beside a config that cannot be used', async ({ rig }) => {
  const cwd = project(rig, 'untouched', { 'orchestrator.config.json': { services: { a: { command: 'x', port: 0 } } } });
  expect(printedError(await rig.devup(['start'], { cwd })).code).toBe('E305');
  expect(existsSync(join(cwd, '.devup'))).toBe(false);
});

test('F36: a session whose config breaks or disappears can still be shown, read and stopped', async ({ rig }) => {
  const port = await rig.port();
  const web = rig.puppet('web', '--port', port, '--print', 'hello');
  const file = rig.config({ web: { command: web.command, port } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  rig.write('orchestrator.config.json', '{ "services": {');
  const status = await rig.devup(['status', '--json']);
  expect(status.code).toBe(0);
  expect(status.json()).toMatchObject({ services: [{ name: 'web', state: 'ready', verdict: 'ours' }] });
  expect((await rig.devup(['logs', '--no-prefix'])).stdout).toContain('hello');
  for (const args of [
    ['start', '-d'],
    ['restart', 'web'],
  ])
    expect(printedError(await rig.devup(args))).toMatchObject({ exitCode: 3, code: 'E302' });
  rmSync(file);
  expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ services: [{ name: 'web', state: 'ready' }] });
  expect((await rig.devup(['stop'])).code).toBe(0);
  expect(await web.waitFor('signal')).toMatchObject({ name: 'SIGTERM' });
});
