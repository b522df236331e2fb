import { describe, expect, test } from 'vitest';
import { darwinPlatform } from '../../../src/machine/darwin.ts';
import { linuxPlatform } from '../../../src/machine/linux.ts';
import type { Holder, RefuseReason } from '../../../src/model/port.ts';
import { dataServer, type NatureFacts, natureOf, ownAncestors } from '../../../src/processes/refuse.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';
import { holder } from './holders.ts';

const LIVE = 'aaaaaaaaaaaaaaaa';
const machine = new FakeMachine();

function context(over: Partial<NatureFacts> = {}): NatureFacts {
  return { machine, asker: 'claim', ancestors: new Set([50]), ...over };
}

const refused: readonly (readonly [string, Partial<Holder>, Partial<RefuseReason> & { kind: string }])[] = [
  ['process 1', { pid: 1 }, { kind: 'init' }],
  ['devup itself', { pid: machine.pid }, { kind: 'self' }],
  ['what started devup', { pid: 50 }, { kind: 'ancestor' }],
  [
    'a kernel thread',
    { argv: [], executable: null, ancestors: [{ pid: 2, start: 1, name: 'kthreadd', command: 'kthreadd' }] },
    { kind: 'kernel-thread' },
  ],
  ["another user's process", { uid: 33, user: 'www-data' }, { kind: 'other-user', uid: 33, user: 'www-data' }],
  ['sshd', { name: 'sshd', uid: 0 }, { kind: 'system-service', name: 'sshd' }],
  [
    'a process whose name the kernel cut, by its executable',
    { name: 'NetworkManage', executable: '/usr/sbin/NetworkManager' },
    { kind: 'system-service' },
  ],
  [
    'a unit of systemd',
    { uid: 0, unit: 'nginx.service' },
    { kind: 'unit', unit: 'nginx.service', stopCommand: 'sudo systemctl stop nginx.service' },
  ],
  ["a unit of the user's own", { unit: 'syncthing.service' }, { kind: 'unit', stopCommand: 'systemctl --user stop syncthing.service' }],
  ['docker-proxy', { name: 'docker-proxy', executable: '/usr/bin/docker-proxy', uid: 0 }, { kind: 'container', container: null }],
  ['a process in a container', { container: 'db', uid: 70 }, { kind: 'container', container: 'db' }],
  ["an editor's port forwarding", { name: 'code', executable: '/usr/share/code/code' }, { kind: 'port-forwarder', name: 'code' }],
  ['an editor that listens', { name: 'nvim' }, { kind: 'interactive', name: 'nvim' }],
  ['a terminal multiplexer', { name: 'tmux: server', argv: ['tmux'] }, { kind: 'interactive' }],
  [
    'a browser with a debugging port',
    { name: 'chrome', argv: ['chrome', '--remote-debugging-port=9222'] },
    { kind: 'interactive', name: 'chrome' },
  ],
  ['a notebook', { name: 'python3', argv: ['/usr/bin/python3', '/usr/bin/jupyter-lab'] }, { kind: 'interactive', name: 'jupyter-lab' }],
  ['a notebook run as a module', { name: 'python3', argv: ['python3', '-m', 'jupyter', 'lab'] }, { kind: 'interactive', name: 'jupyter' }],
  ['the desktop', { name: 'gnome-shell' }, { kind: 'shared', name: 'gnome-shell' }],
  ['a printer daemon', { name: 'cupsd' }, { kind: 'shared', name: 'cupsd' }],
  ['a daemon of all projects', { name: 'adb' }, { kind: 'shared', name: 'adb' }],
  ['a coding agent', { name: 'claude' }, { kind: 'interactive', name: 'claude' }],
];

test.each([
  ['Linux', linuxPlatform, 'systemctl --user stop my/unit.plist'],
  ['macOS', darwinPlatform, 'launchctl bootout my/unit.plist'],
])('a unit is stopped as %s does it, whatever its name', (_name, platform, stopCommand) => {
  const facts = context({ machine: Object.assign(new FakeMachine(), { platform }) });
  expect(natureOf(holder({ unit: 'my/unit.plist' }), facts)).toMatchObject({ kind: 'unit', stopCommand });
});

describe('never ended', () => {
  for (const [who, facts, reason] of refused) {
    test(who, () => expect(natureOf(holder(facts), context())).toMatchObject(reason));
  }
});

describe('ended', () => {
  const free: readonly (readonly [string, Partial<Holder>, Partial<NatureFacts>])[] = [
    ['a server of our own', {}, {}],
    ['a service of any stack: its session is another question', { stack: { id: LIVE, service: 'web' } }, {}],
    ['a daemon of all projects whose port is named', { name: 'adb' }, { asker: 'kill' }],
    ['an editor whose port a person wants to have', { name: 'nvim' }, { asker: 'kill' }],
    ['a program that only looks like a system service in its arguments', { argv: ['node', 'sshd'] }, {}],
  ];
  for (const [who, facts, over] of free) {
    test(who, () => expect(natureOf(holder(facts), context(over))).toBeNull());
  }
});

test('the ancestors are devup and everything above it', async () => {
  const world = new FakeMachine();
  const shell = world.self.parent?.pid;
  expect(await ownAncestors(world)).toEqual(new Set([world.pid, shell, 1]));
});

test('data servers get their own signals', () => {
  expect(dataServer(holder({ name: 'postgres' }))).toMatchObject({ signal: 'SIGINT' });
  expect(dataServer(holder({ name: 'mysqld' }))).toMatchObject({ signal: 'SIGTERM' });
  expect(dataServer(holder({ name: 'node', argv: ['node', 'postgres.js'] }))).toBeNull();
});
