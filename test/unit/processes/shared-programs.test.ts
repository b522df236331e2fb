import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import {
  exactProgramKind,
  isSpared,
  isWorkedIn,
  programKind,
  sparedPattern,
  treatmentAsSpelled,
} from '../../../src/processes/shared-programs.ts';

test.each([
  ['chrome', 'browser'],
  ['chromium-browse', 'browser'],
  ['chrome_crashpad', 'browser'],
  ['nvim', 'editor'],
  ['code', 'forwarding editor'],
  ['Code Helper (Plugin)', 'forwarding editor'],
  // As the kernel cuts them.
  ['jetbrains-gatew', 'forwarding editor'],
  ['gnome-terminal-', 'terminal'],
  ['tmux: server', 'multiplexer'],
  ['SCREEN', 'multiplexer'],
  ['ssh-agent', 'key agent'],
  ['claude', 'coding agent'],
  ['conmon', 'container engine'],
  ['ssh', 'tunnel'],
  ['sudo', 'login'],
])('%s is a %s', (name, kind) => expect(programKind(name)).toBe(kind));

test.each(['node', 'codegen', 'login-api', 'vite', 'screenshots', 'chromedriver', 'sshd', 'adbd', 'python3'])(
  '%s is a program like any other',
  (name) => expect(programKind(name)).toBeNull(),
);

test.each(['code-gen', 'idea-api', 'opera_service', 'terminal-api', 'nano.server', 'claude-proxy', 'screen-recorder', 'ssh-tunnel-api'])(
  'a service called %s is not refused for its name',
  (name) => expect(exactProgramKind(name)).toBeNull(),
);

test.each([
  'chrome',
  'code',
  'code-insiders',
  'Code Helper (Plugin)',
  'tmux: server',
  'SCREEN',
  'vim.basic',
  'gnome-terminal-',
  'jetbrains-gatew',
  'ssh',
])('%s is refused for its name', (name) => expect(exactProgramKind(name)).not.toBeNull());

test.each([
  ['sshd', { refusedAs: 'system-service' }],
  ['NetworkManager', { refusedAs: 'system-service' }],
  ['dockerd', { refusedAs: 'system-service', spared: true }],
  ['postgres', { refusedAs: null, savesOn: 'SIGINT' }],
  ['redis-server.exe', { refusedAs: null, savesOn: 'SIGTERM' }],
])('%s is treated as %o', (name, treatment) => expect(treatmentAsSpelled(name)).toMatchObject(treatment));

test.each(['system', 'init-db', 'postgres: checkpointer', 'Postgres', 'redis-server-api'])(
  'a service called %s is neither one of the system nor a data server',
  (name) => expect([programKind(name), treatmentAsSpelled(name)]).toEqual([null, null]),
);

test('a program that runs others for a person stops the climb, and is ended with its service', () => {
  expect([isWorkedIn('sudo'), isSpared('sudo')]).toEqual([true, false]);
});

test.skipIf(process.platform === 'win32')("the guard's pattern agrees on each name", () => {
  const names = [
    'chrome',
    'firefox',
    'Firefox',
    'codegen',
    'code',
    'code-insiders',
    'tmux: server',
    'jetbrains-gatew',
    'gnome-terminal-',
    'node',
    'ssh',
    'ssh-agent',
    'sudo',
    'conmon',
    'Code Helper (Pl',
    'chromedriver',
    'adb',
    'adbd',
  ];
  const script = `for name in "$@"; do case $name in ${sparedPattern()}) echo "$name" ;; esac; done`;
  const { stdout } = spawnSync('/bin/sh', ['-c', script, 'sh', ...names], { encoding: 'utf8' });
  expect(stdout.trim().split('\n')).toEqual(names.filter(isSpared));
});
