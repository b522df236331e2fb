/** Programs that people share or work in: a service that opens one is not that program, unless it is. */
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { processRow } from '../../../scripts/world.mjs';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { python } from '../../rig/terminal.ts';
import { guardOf } from '../faults/session.ts';
import { type Stack, up } from './stack.ts';

const alive = (pid: number) => processRow(pid) !== null;

/** A program with this name, which stays, with a child. It notes both pids. */
function program(rig: Rig, name: string): void {
  chmodSync(
    rig.write(`bin/${name}`, `#!/bin/sh\nsleep 1000 &\necho $$ $! > noted/${name}.new\nmv noted/${name}.new noted/${name}\nwait\n`),
    0o755,
  );
}

/** The pids of the program and its child, once both run. */
async function pidsOf(rig: Rig, name: string): Promise<readonly number[]> {
  const file = join(rig.root, 'noted', name);
  await eventually(`${name} to run`, () => existsSync(file));
  const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number);
  for (const pid of pids) rig.remember(pid);
  return pids;
}

async function allOf(rig: Rig, names: readonly string[]): Promise<readonly number[]> {
  return (await Promise.all(names.map((name) => pidsOf(rig, name)))).flat();
}

/** The next session begins and ends as ever. */
async function converges(rig: Rig): Promise<void> {
  rig.config({ next: { command: 'sleep 1000' } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  expect((await rig.devup(['stop'])).code).toBe(0);
}

const ENDS = {
  'a stop': async (_: Rig, stack: Stack) => {
    const answer = await stack.devup('stop');
    expect(answer.code, answer.stderr).toBe(0);
    await stack.running.exited;
  },
  'the guard of a killed devup': async (rig: Rig, stack: Stack) => {
    const guard = guardOf(rig);
    stack.running.signal('SIGKILL');
    await stack.running.exited;
    await eventually('the guard to be gone', () => !alive(guard));
  },
} as const;

describe.concurrent('programs that a service has opened', () => {
  for (const [who, end] of Object.entries(ENDS)) {
    // web: a dev server that opens each program in its own way; helper is an ordinary one
    test(`F1: ${who} leaves the programs alive that a service has opened, whatever ties them to it`, async ({ rig }) => {
      const direct = ['brave', 'opera', 'vivaldi', 'nvim', 'kitty', 'soffice.bin', 'epmd', 'claude'];
      const away = ['librewolf', 'zellij', 'emacs', 'oosplash', 'adb', 'syncthing'];
      for (const name of [...direct, ...away, 'firefox', 'helper', 'worker']) program(rig, name);
      rig.write('noted/.keep', '');
      chmodSync(rig.write('bin/xdg-open', '#!/bin/sh\nexec bin/firefox\n'), 0o755);
      rig.write(
        'web.sh',
        [
          ...direct.map((name) => `bin/${name} &`),
          ...away.map((name) => `setsid -f bin/${name}`),
          'bin/xdg-open &',
          'bin/worker &',
          'setsid -f bin/helper',
          'wait',
        ].join('\n'),
      );
      rig.config({ web: { command: 'sh web.sh' } });
      const stack = up(rig);
      await stack.until('web', 'ready');
      const opened = await allOf(rig, [...direct, ...away, 'firefox']);
      const own = await allOf(rig, ['helper', 'worker']);
      await end(rig, stack);
      expect(opened.filter((pid) => !alive(pid))).toEqual([]);
      expect(own.filter(alive)).toEqual([]);
      // Nor does the next command end them.
      await rig.devup(['stop']);
      expect(opened.every(alive)).toBe(true);
      for (const pid of opened) process.kill(pid, 'SIGKILL');
      await eventually('them to be gone', () => !opened.some(alive));
      await converges(rig);
    });

    // browser ◀ its renderer · daemon: named in its command · lab: holds the port of its service · driven: headless
    test(`${who} ends such a program when it is the service`, async ({ rig }) => {
      const port = await rig.port();
      const children = ['chrome', 'epmd', 'chromium'];
      for (const name of children) program(rig, name);
      rig.write('noted/.keep', '');
      chmodSync(rig.write('bin/vivaldi', '#!/bin/sh\necho $$ > noted/vivaldi\nbin/chrome &\nwait\n'), 0o755);
      const listen = `#!${python()}
import os, signal, socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('127.0.0.1', ${port})); s.listen()
open('noted/lab', 'w').write(str(os.getpid()))
signal.pause()
`;
      chmodSync(rig.write('bin/jupyter-lab', listen), 0o755);
      rig.write('lab.sh', 'bin/jupyter-lab &\nwait\n');
      rig.write('driven.sh', 'bin/chromium --headless=new --user-data-dir=/tmp/none &\nwait\n');
      rig.config({
        browser: { command: ['bin/vivaldi'], dependsOn: [] },
        daemon: { command: 'sh -c "bin/epmd & wait"', dependsOn: [] },
        lab: { command: 'sh lab.sh', port, dependsOn: [] },
        driven: { command: 'sh driven.sh', dependsOn: [] },
      });
      const stack = up(rig);
      await stack.until('lab', 'ready');
      const pids = await allOf(rig, [...children, 'vivaldi', 'lab']);
      const status = await stack.status();
      expect(status['lab']).toMatchObject({ state: 'ready', verdict: 'ours' });
      await end(rig, stack);
      expect(pids.filter(alive)).toEqual([]);
      await converges(rig);
    });
  }
});
