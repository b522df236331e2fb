/** A service's environment, streams and parent at its start. */
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { node } from './stack.ts';

const task = (command: unknown, rest: object = {}) => ({ command, ready: { exit: 0 }, ...rest });
const show = (...names: string[]) => node(`console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name] ?? null)))`);

/** Runs the stack of tasks to its end; returns the output of each, by name. */
async function output(rig: Rig, env: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, string>>> {
  const answer = await rig.devup(['start', '--json'], { env });
  expect(answer.code, answer.stderr + answer.stdout).toBe(0);
  const said: Record<string, string> = {};
  for (const line of answer.stdout.split('\n').filter(Boolean)) {
    const event = JSON.parse(line) as { type: string; service: string; text?: string };
    if (event.type === 'output') said[event.service] = (said[event.service] ?? '') + event.text;
  }
  return said;
}

function script(rig: Rig, path: string, text: string): void {
  mkdirSync(join(rig.root, path, '..'), { recursive: true });
  chmodSync(rig.write(path, text), 0o755);
}

describe.concurrent('a service gets', () => {
  test('its ports, its names and unbuffered Python, and no variable for a port that it does not have', async ({ rig }) => {
    const [main, debug] = [await rig.port(), await rig.port()];
    const names = ['PORT', 'PORT_DEBUG_UI', 'DEVUP_STACK', 'DEVUP_SERVICE', 'PYTHONUNBUFFERED'];
    rig.config({
      web: task(show(...names), { ports: { http: { port: main, required: false }, 'debug-ui': { port: debug, required: false } } }),
      worker: task(show('PORT', 'DEVUP_SERVICE')),
    });
    const said = await output(rig, { PORT: '9999' });
    expect(JSON.parse(said['web'] ?? '')).toEqual([String(main), String(debug), 'rig', 'web', '1']);
    expect(JSON.parse(said['worker'] ?? '')).toEqual([null, 'worker']);
  });

  test('env before the environment of the command before envFile', async ({ rig }) => {
    rig.write('.env', 'A=file\nB=file\nC=file\n');
    rig.config({ web: task(show('A', 'B', 'C'), { envFile: '.env', env: { A: 'config' } }) });
    const said = await output(rig, { A: 'shell', B: 'shell' });
    expect(JSON.parse(said['web'] ?? '')).toEqual(['config', 'shell', 'file']);
  });

  test('the expanded values of its env file; what cannot be read there is one warning, with file and line', async ({ rig }) => {
    const file = rig.write('.env', 'A=1\nB=${A}${HOME}\nno value\n');
    const service = { envFile: '.env', command: show('B'), ready: { exit: 0 } };
    rig.config({ web: service, other: service });
    const answer = await rig.devup(['start']);
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining(`web   │ ["1${rig.home}"]`) });
    const warning = `! warning: ${realpathSync(file)}:3 is no NAME=value: the line is left out\n`;
    expect(answer.stderr.split(warning)).toHaveLength(2);
    const detached = await rig.devup(['start', '-d']);
    expect(detached.stderr.split(warning)).toHaveLength(2);
    await rig.devup(['stop']);
  });

  test('its own folder in PWD, and no OLDPWD, as do its ready, health and stop commands, exec, run and debug', async ({ rig }) => {
    mkdirSync(join(rig.root, 'app'));
    rig.write('.env', 'PWD=/from-file\nOLDPWD=/from-file\n');
    const told = (name: string) => node(`require('fs').writeFileSync('${name}', [process.env.PWD, process.env.OLDPWD].join())`);
    rig.write(
      'app/serve.cjs',
      `require('fs').writeFileSync('command', [process.env.PWD, process.env.OLDPWD].join()); setInterval(() => 0, 1e9);`,
    );
    rig.config({
      web: {
        cwd: 'app',
        envFile: '.env',
        command: [process.execPath, 'serve.cjs'],
        ready: { command: told('ready') },
        health: { command: told('health'), interval: '500ms' },
        stop: { command: told('stop') },
      },
    });
    const stale = { env: { PWD: '/elsewhere', OLDPWD: '/before' } };
    const app = join(rig.root, 'app');
    expect((await rig.devup(['start', '-d'], stale)).code).toBe(0);
    await eventually('a health test', () => existsSync(join(app, 'health')));
    const show = ['--', process.execPath, '-p', '[process.env.PWD, process.env.OLDPWD].join()'];
    const own = `${realpathSync(app)},`;
    expect(await rig.devup(['exec', 'web', ...show], stale)).toMatchObject({ code: 0, stdout: `${own}\n` });
    expect(await rig.devup(['run', ...show], stale)).toMatchObject({ code: 0, stdout: `${realpathSync(rig.root)},\n` });
    expect(await rig.devup(['debug', 'web', ...show], stale)).toMatchObject({ code: 0, stdout: `${own}\n` });
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(['command', 'ready', 'health', 'stop'].map((name) => readFileSync(join(app, name), 'utf8'))).toEqual([own, own, own, own]);
  });

  test('the programs of its project, nearest first', async ({ rig }) => {
    script(rig, 'node_modules/.bin/tool', '#!/bin/sh\necho outer');
    script(rig, 'app/node_modules/.bin/tool', '#!/bin/sh\necho inner');
    script(rig, 'app/.venv/bin/snake', '#!/bin/sh\necho snake');
    rig.config({ a: task('tool', { cwd: 'app' }), b: task('tool'), c: task('snake', { cwd: 'app' }) });
    expect(await output(rig)).toEqual({ a: 'inner\n', b: 'outer\n', c: 'snake\n' });
  });

  test('a /dev/stdout and /dev/stderr that can be opened, as nginx and gunicorn do', async ({ rig }) => {
    rig.config({ web: task('echo to-stdout > /dev/stdout; echo to-stderr > /dev/stderr') });
    const said = await output(rig);
    expect(said['web']).toContain('to-stdout\n');
    expect(said['web']).toContain('to-stderr\n');
  });

  test('an open stdin without input', async ({ rig }) => {
    const program = `process.stdin.on('end', () => { console.log('closed'); process.exit(1); }).resume(); setTimeout(() => { console.log('open'); process.exit(0); }, 300)`;
    rig.config({ web: task(node(program)) });
    expect(await output(rig)).toEqual({ web: 'open\n' });
  });

  test('no shell between devup and a simple command, even with references in it', async ({ rig }) => {
    rig.write(
      'parent.mjs',
      `import { readFileSync } from 'node:fs'; console.log(readFileSync('/proc/' + process.ppid + '/comm', 'utf8').trim() !== 'sh', process.argv[2], process.env.A)`,
    );
    rig.config({ plain: task('A=1 node parent.mjs "x y"'), expanded: task('A=1 node parent.mjs $HOME 2>&1') });
    expect(await output(rig)).toEqual({ plain: 'true x y 1\n', expanded: `true ${rig.home} 1\n` });
  });

  test('a shell if its command has shell syntax', async ({ rig }) => {
    rig.config({ web: task('cd / && pwd | tr / x; test -n "$DEVUP_SERVICE" && echo named') });
    expect(await output(rig)).toEqual({ web: 'x\nnamed\n' });
  });

  test('an error that names a command that is missing, not executable or in a missing folder', async ({ rig }) => {
    script(rig, 'locked', '#!/bin/sh\n');
    chmodSync(join(rig.root, 'locked'), 0o644);
    const failing = async (service: object) => {
      rig.config({ web: service });
      const answer = await rig.devup(['start', '-d']);
      expect(answer.code).toBe(7);
      return answer.stderr;
    };
    const missing = await failing({ command: 'no-such-program --flag' });
    expect(missing).toContain('no-such-program was not found');
    expect(missing).toContain('/usr/bin');
    expect(await failing({ command: './locked' })).toMatch(/EACCES[\s\S]*chmod \+x/);
    expect(await failing({ command: 'true', cwd: 'nowhere' })).toContain('its folder is missing');
  });
});
