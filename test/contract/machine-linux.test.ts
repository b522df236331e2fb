/** Facts that hold on Linux alone, and that its reader of sockets relies on. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, realpathSync, unlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProcessRow } from '../../src/machine/machine.ts';
import { realWorld } from './machine-worlds.ts';

describe.skipIf(process.platform !== 'linux')('this Linux machine', () => {
  it('prints all listeners before any other socket, which the reading of listeners relies on', async () => {
    const world = realWorld();
    try {
      const [server, client] = [await world.start(), await world.start()];
      const port = await server.listen('127.0.0.1', 0);
      const spare = await client.listen('127.0.0.9', 0);
      await client.connect(spare, port);
      const states = readFileSync('/proc/net/tcp', 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((row) => row.trim().split(/\s+/)[3]);
      expect(states).toContain('01');
      expect(states.lastIndexOf('0A')).toBeLessThan(states.findIndex((state) => state !== '0A'));
    } finally {
      await world.close();
    }
  });

  it('finds every listener when one read of the table does not return all', async () => {
    const { machine } = realWorld();
    const servers = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const server = createServer().listen(0, '127.0.0.1');
        await once(server, 'listening');
        return server;
      }),
    );
    try {
      const ports = servers.map((server) => (server.address() as AddressInfo).port).sort((a, b) => a - b);
      const found = (await machine.listenSockets(new Set(ports))).map(({ port }) => port);
      expect(found.sort((a, b) => a - b)).toEqual(ports);
    } finally {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    }
  });

  it.skipIf(!hasPython())('F19: finds both of two listeners that share an address by SO_REUSEPORT', async () => {
    const { machine } = realWorld();
    const script = `import socket, sys
def open(port):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1); s.bind(('127.0.0.1', port)); s.listen(); return s
a = open(0); b = open(a.getsockname()[1]); print(a.getsockname()[1], flush=True); sys.stdin.read()`;
    const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const [line] = await once(child.stdout, 'data');
      const sockets = await machine.listenSockets(new Set([Number(String(line))]));
      expect(sockets).toHaveLength(2);
      expect(new Set(sockets.map(({ handle }) => handle)).size).toBe(2);
    } finally {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    }
  });

  it.skipIf(!hasPython()).each([
    ['IPv4', 'socket.AF_INET', '127.0.0.1'],
    ['a listener of both families, reached over IPv4', 'socket.AF_INET6', '::ffff:127.0.0.1'],
  ])('tells connections that wait to be accepted from those that were: %s', async (_, family, address) => {
    const { machine, until } = realWorld();
    const script = `import socket, sys
s = socket.socket(${family}); ${family === 'socket.AF_INET6' ? 's.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0); ' : ''}
s.bind(('${family === 'socket.AF_INET6' ? '::' : address}', 0)); s.listen()
print(s.getsockname()[1], flush=True)
for line in sys.stdin: c = s.accept(); print('accepted', flush=True)`;
    const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const clients: Socket[] = [];
    try {
      const [line] = await once(child.stdout, 'data');
      const port = Number(String(line));
      const ends = async () =>
        (await machine.otherSockets(new Set([port]))).map(
          ({ state, remote, handle }) => `${state} ${remote} ${handle === null ? '-' : 'held'}`,
        );
      const queued = async () => (await machine.listenSockets(new Set([port]))).map((socket) => socket.queued);
      for (let i = 0; i < 2; i++) {
        const client = connect(port, '127.0.0.1');
        await once(client, 'connect');
        clients.push(client);
      }
      const [first, second] = clients.map(({ localPort }) => `127.0.0.1:${localPort}`);
      expect((await ends()).sort()).toEqual([`queued ${first} -`, `queued ${second} -`].sort());
      expect(await queued()).toEqual([2]);
      const accepted = once(child.stdout, 'data');
      child.stdin.write('\n');
      await accepted;
      expect((await ends()).sort()).toEqual([`connected ${first} held`, `queued ${second} -`].sort());
      // A client that has given up leaves its connection in the queue.
      clients[1]?.end();
      await until(async () => (await machine.otherSockets(new Set([Number(second?.split(':')[1])])))[0]?.state === 'closing');
      expect((await ends()).sort()).toEqual([`connected ${first} held`, `queued ${second} -`].sort());
      expect(await queued()).toEqual([1]);
    } finally {
      const exited = once(child, 'exit');
      for (const client of clients) client.destroy();
      child.stdin.end();
      await exited;
    }
  });

  it.each([
    ['sleeps until it is woken', '', true],
    ['has a timer', 'setTimeout(() => {}, 600_000);', false],
    ['is at work', 'setImmediate(function again() { setImmediate(again); });', false],
    ['has a thread at work', 'new (require("node:worker_threads").Worker)("for (;;) {}", { eval: true });', false],
  ])('reports whether a process rests after the end of its child: it %s', async (_, script, rests) => {
    const { machine } = realWorld();
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
         process.stdin.resume().once('end', () => process.exit());
         console.log(child.pid);
         child.once('exit', () => { ${script} console.log('gone'); });`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    try {
      const child = Number(String((await once(parent.stdout, 'data'))[0]));
      const asked = () => machine.sleepsUntilWoken(child, parent.pid as number);
      expect(await asked(), 'its child lives').toBe(false);
      process.kill(child);
      await once(parent.stdout, 'data');
      if (rests) while (!(await asked())) await machine.clock.turn();
      else for (let i = 0; i < 200; i++) expect(await asked()).toBe(false);
    } finally {
      const exited = once(parent, 'exit');
      parent.stdin.end();
      parent.kill('SIGKILL');
      await exited;
    }
  });

  it.skipIf(!hasPython()).each([
    ['waits for its child and then for us', 'child.wait()', true],
    ['never waits for its child', '', false],
    ['has a timer among its files', 'child.wait(); libc.timerfd_create(1, 0)', false],
    ['has a timer of POSIX', 'child.wait(); libc.timer_create(1, None, ctypes.byref(ctypes.c_void_p()))', false],
  ])('reports whether a process rests, for any way to wake it: it %s', async (_, then, rests) => {
    const { machine } = realWorld();
    const script = `import ctypes, subprocess, sys
libc = ctypes.CDLL(None)
child = subprocess.Popen(['cat'], stdin=subprocess.PIPE)
print(child.pid, flush=True)
sys.stdin.readline()
${then || 'pass'}
print('so', flush=True)
sys.stdin.read()`;
    const parent = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const child = Number(String((await once(parent.stdout, 'data'))[0]));
      process.kill(child);
      while (await machine.process(child)) await machine.clock.turn();
      parent.stdin.write('now\n');
      await once(parent.stdout, 'data');
      const asked = () => machine.sleepsUntilWoken(child, parent.pid as number);
      if (rests) while (!(await asked())) await machine.clock.turn();
      else for (let i = 0; i < 200; i++) expect(await asked()).toBe(false);
    } finally {
      const exited = once(parent, 'exit');
      parent.stdin.end();
      await exited;
    }
  });

  const threads = it.skipIf(!hasPython()).each(['MainThread', 'node-MainThread']);
  threads('names the program of a process that bears only the name of a thread, as that of Node does: %s', async (name) => {
    const { machine } = realWorld();
    const script = `import ctypes, sys; ctypes.CDLL(None).prctl(15, b'${name}', 0, 0, 0); print('named', flush=True); sys.stdin.read()`;
    const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      expect((await machine.process(child.pid as number))?.name).toMatch(/^python3/);
    } finally {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    }
  });

  // Such a process may not be traced from then on, and most of its files in /proc belong to root.
  it.skipIf(!hasPython() || process.getuid?.() !== 0)('reports the current user of a process, not the one that started it', async () => {
    const { machine } = realWorld();
    const script = "import os, sys; os.setresuid(-1, 1, -1); print('become', flush=True); sys.stdin.read()";
    const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      const row = await machine.process(child.pid as number);
      expect(await machine.details(row as ProcessRow)).toMatchObject({ uid: 1, user: await machine.userName(1) });
    } finally {
      child.stdin.end();
      await exited;
    }
  });

  // Both are longer than what is read at once.
  it('reads a long command line and a long environment to their end', async () => {
    const { machine } = realWorld();
    const long = 'x'.repeat(40_000);
    const child = spawn(process.execPath, ['-e', "process.stdout.write('up'); process.stdin.resume()", long, 'last'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { LONG: long, LAST: 'word' },
    });
    const exited = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      const row = await machine.process(child.pid as number);
      expect((await machine.details(row as ProcessRow))?.argv.slice(-2)).toEqual([long, 'last']);
      expect(await machine.variable(child.pid as number, 'LAST')).toBe('word');
    } finally {
      child.stdin.end();
      await exited;
    }
  });

  it.each([
    ['null, if it is empty', "os.execve(sys.executable, [sys.executable, '-c', STAY], {})", null],
    // Root may read every environment.
    ['undefined, if its own process hides it', 'ctypes.CDLL(None).prctl(4, 0); exec(STAY)', process.geteuid?.() === 0 ? 'word' : undefined],
  ])('gives a variable of an environment as %s', async (_, become, expected) => {
    if (!hasPython()) return;
    const { machine } = realWorld();
    const stay = "STAY = 'import sys; print(1, flush=True); sys.stdin.read()'";
    const child = spawn('python3', ['-c', `import ctypes, os, sys\n${stay}\n${become}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], WORD: 'word' },
    });
    const exited = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      expect(await machine.variable(child.pid as number, 'WORD')).toBe(expected);
    } finally {
      child.stdin.end();
      await exited;
    }
  });

  it('names the files that a process has open, removed ones too', async () => {
    const { machine } = realWorld();
    const file = join(realpathSync(tmpdir()), `devup-open-${process.pid}`);
    const open = openSync(file, 'w');
    unlinkSync(file);
    try {
      expect(await machine.openFiles(process.pid)).toContain(`${file} (deleted)`);
    } finally {
      closeSync(open);
    }
    expect(await machine.openFiles(2 ** 22 + 1)).toEqual([]);
    const group = await machine.controlGroup(process.pid);
    expect(group ?? '0::/a').toMatch(/^\d+:[^:]*:\/./m);
  });

  // The probe binds `::` for both families, which cannot be bound beside any other address.
  it.skipIf(!hasPython()).each([
    ['a listener on ::1', "s = socket.socket(socket.AF_INET6); s.bind(('::1', 0)); s.listen()"],
    [
      'a listener on :: without IPv4',
      's = socket.socket(socket.AF_INET6); s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1); ' + "s.bind(('::', 0)); s.listen()",
    ],
    ['a listener on another loopback address', "s = socket.socket(); s.bind(('127.0.0.5', 0)); s.listen()"],
    ['a socket on ::1 that does not listen', "s = socket.socket(socket.AF_INET6); s.bind(('::1', 0))"],
    ['a socket on 127.0.0.1 that does not listen', "s = socket.socket(); s.bind(('127.0.0.1', 0))"],
  ])('refuses to bind a port that %s holds', async (_, open) => {
    const { machine } = realWorld();
    const child = spawn('python3', ['-c', `import socket, sys\n${open}\nprint(s.getsockname()[1], flush=True)\nsys.stdin.read()`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [line] = await once(child.stdout, 'data');
    const port = Number(String(line));
    try {
      expect(await machine.canBind(port)).toMatchObject({ free: false, errno: 'EADDRINUSE' });
    } finally {
      child.stdin.end();
      await exited;
    }
    expect(await machine.canBind(port)).toEqual({ free: true });
  });
});

function hasPython(): boolean {
  return spawnSync('python3', ['--version'], { stdio: 'ignore' }).status === 0;
}
