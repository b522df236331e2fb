/** A supervisor restarts its server as soon as it dies: the port is free only when the supervisor has ended, too. */
import { createRequire } from 'node:module';
import { expect } from 'vitest';
import { isFree } from '../../rig/ports.ts';
import { type Rig, test } from '../../rig/rig.ts';
import type { Running } from '../../rig/running.ts';
import { python } from '../../rig/terminal.ts';
import { devupCommand, isAlive, kill, services } from './answers.ts';

const NODEMON = createRequire(import.meta.url).resolve('nodemon/bin/nodemon.js');

const supervisors: Readonly<Record<string, (rig: Rig, server: string, port: number) => Running>> = {
  'a real nodemon': (rig, server) => rig.spawn([process.execPath, NODEMON, '--quiet', '--exitcrash', '--watch', rig.root, server]),
  'node --watch': (rig, server) => rig.spawn([process.execPath, '--watch', server]),
  'a loop in a shell script': (rig, server) => {
    const script = rig.write('serve.sh', `while :; do '${process.execPath}' '${server}'; done\n`);
    return rig.spawn(['/bin/sh', script]);
  },
  'a program that starts it again a moment later': (rig, server) => {
    const script = rig.write(
      'later.cjs',
      `const { spawn } = require('node:child_process');
const serve = () => spawn('${process.execPath}', ['${server}'], { stdio: 'inherit' }).once('exit', () => setTimeout(serve, 100));
serve();
`,
    );
    return rig.spawn([process.execPath, script]);
  },
  'a loop in Python, in a session of its own': (rig, server) => {
    const script = rig.write(
      'serve.py',
      `import subprocess\nwhile True: subprocess.run(['${process.execPath}', '${server}'], start_new_session=True)\n`,
    );
    return rig.spawn([python(), script]);
  },
};

for (const [name, supervise] of Object.entries(supervisors)) {
  test(`F18: a server under ${name} does not come back`, async ({ rig }) => {
    const port = await rig.port();
    const supervisor = supervise(rig, serverFile(rig, port), port);
    const server = Number((await supervisor.waitForOutput(/^serving (\d+)$/m))[1]);
    const { code, first } = await kill(rig, [port]);
    expect(first).toMatchObject({ outcome: 'freed', problem: null });
    expect(code).toBe(0);
    expect(first.killed.map(({ pid }) => pid)).toContain(supervisor.pid);
    expect([server, supervisor.pid].filter(isAlive)).toEqual([]);
    expect(await isFree(port)).toBe(true);
  });
}

test('a loop that outlived its shell is still found as the restarter', async ({ rig }) => {
  const port = await rig.port();
  const server = serverFile(rig, port);
  const shell = rig.spawn(['/bin/sh', '-c', `(while :; do '${process.execPath}' '${server}'; done) &`]);
  const first = Number((await shell.waitForOutput(/^serving (\d+)$/m))[1]);
  await shell.exited;
  const { code, first: answer } = await kill(rig, [port]);
  expect(answer).toMatchObject({ outcome: 'freed', problem: null });
  expect(code).toBe(0);
  expect(answer.killed.length, 'the loop as well').toBeGreaterThan(1);
  expect(isAlive(first)).toBe(false);
  expect(await isFree(port)).toBe(true);
});

test('a server that outlived its shell is ended without waiting for a restart', async ({ rig }) => {
  const port = await rig.port();
  const server = serverFile(rig, port);
  const shell = rig.spawn(['/bin/sh', '-c', `'${process.execPath}' '${server}' &`]);
  const left = Number((await shell.waitForOutput(/^serving (\d+)$/m))[1]);
  await shell.exited;
  const { code, first: answer } = await kill(rig, [port]);
  expect({ code, answer }).toMatchObject({ code: 0, answer: { outcome: 'freed', killed: [{ pid: left }] } });
  expect(isAlive(left)).toBe(false);
  expect(await isFree(port)).toBe(true);
});

test('a dry run names the reloader that would be ended, and ends nothing', async ({ rig }) => {
  const port = await rig.port();
  const watcher = rig.spawn([process.execPath, '--watch', serverFile(rig, port)]);
  const server = Number((await watcher.waitForOutput(/^serving (\d+)$/m))[1]);
  const { code, first } = await kill(rig, [port, '--dry-run']);
  expect(code).toBe(0);
  expect(first).toMatchObject({ outcome: 'would-free', killed: [{ pid: watcher.pid, signal: 'SIGTERM' }], holders: [{ pid: server }] });
  expect((await rig.devup(['kill', String(port), '--dry-run'])).stdout).toMatch(new RegExp(`TERM ${watcher.pid} `));
  expect([server, watcher.pid].every(isAlive)).toBe(true);
});

// web
test('F18: a start ends a supervisor whose server holds the port', async ({ rig }) => {
  const port = await rig.port();
  const puppet = rig.puppet('squatter', '--port', port, '--respawn');
  const supervisor = rig.spawn(puppet.command);
  await puppet.waitFor('listening');
  rig.config({ web: { command: rig.puppet('web', '--port', port).command, port } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  expect(await supervisor.exited).toMatchObject({ code: 0 });
  expect(puppet.pids().filter(isAlive)).toEqual([]);
  expect((await services(rig))['web']).toMatchObject({ state: 'ready', verdict: 'ours' });
  expect((await rig.devup(['stop'])).code).toBe(0);
});

test('F18: a supervisor that must not be ended is named and left alone', async ({ rig }) => {
  const port = await rig.port();
  const server = serverFile(rig, port);
  // It restarts its server for ever and calls devup itself: devup must not end what runs it.
  const script = rig.write(
    'both.py',
    `import subprocess, sys, threading
def serve():
    while True: subprocess.run(['${process.execPath}', '${server}'])
threading.Thread(target=serve, daemon=True).start()
sys.stdin.readline()
devup = subprocess.run(sys.argv[1:], capture_output=True, text=True)
print('devup said', devup.returncode, devup.stdout, flush=True)
sys.stdin.readline()
`,
  );
  const both = rig.spawn([python(), script, ...devupCommand(['kill', String(port), '--json'])]);
  await both.waitForOutput(/^serving \d+$/m);
  both.write('now\n');
  const [, code, json] = await both.waitForOutput(/devup said (\d+) (\{.*\})$/m);
  expect(code).toBe('4');
  expect(JSON.parse(json as string)).toMatchObject({
    ports: [{ outcome: 'failed', problem: { code: 'E202', fix: expect.stringContaining(String(both.pid)) } }],
  });
  expect(isAlive(both.pid)).toBe(true);
});

function serverFile(rig: Rig, port: number): string {
  return rig.write(
    'server.cjs',
    `require('node:http').createServer((q, r) => r.end('ok')).listen(${port}, () => console.log('serving ' + process.pid));\n`,
  );
}
