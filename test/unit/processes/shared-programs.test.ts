import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import {
  exactProgramKind,
  isAutomated,
  isWorkedIn,
  type ProgramKind,
  programKind,
  sparedCases,
  TREATMENT,
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
  ['conmon', 'container monitor'],
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
  ['dockerd', { refusedAs: 'system-service', spared: 'always' }],
  ['postgres', { refusedAs: null, savesOn: 'SIGINT' }],
  ['redis-server.exe', { refusedAs: null, savesOn: 'SIGTERM' }],
])('%s is treated as %o', (name, treatment) => expect(treatmentAsSpelled(name)).toMatchObject(treatment));

test.each(['system', 'init-db', 'postgres: checkpointer', 'Postgres', 'redis-server-api'])(
  'a service called %s is neither one of the system nor a data server',
  (name) => expect([programKind(name), treatmentAsSpelled(name)]).toEqual([null, null]),
);

test('a program that runs others for a person stops the climb, and is ended with its service', () => {
  expect([isWorkedIn('sudo'), TREATMENT.login.spared]).toEqual([true, null]);
});

/** Programs that people had open when an earlier devup ended them. */
const OPEN_PROGRAMS = (
  'chrome,google-chrome,chromium,firefox,firefox-esr,msedge,brave,opera,vivaldi-bin,librewolf,waterfox,zen,emacs,nvim,vim,code,idea,pycharm,zed,' +
  'tmux: server,screen,zellij,kitty,alacritty,gnome-terminal-,konsole,claude,jupyter-lab,jupyter-noteboo,soffice.bin,oosplash,gnome-shell,cupsd,' +
  'epmd,adb,watchman,ssh-agent,gpg-agent,syncthing,dropbox'
).split(',');

test.each(OPEN_PROGRAMS)('%s is neither ended with a service that opened it nor by a claim', (name) => {
  const kind = exactProgramKind(name) as ProgramKind;
  expect(TREATMENT[kind]).toMatchObject({ spared: 'always', refusedAs: expect.stringMatching(/^(interactive|shared|port-forwarder)$/) });
});

test.each(['electron', 'node', 'java', 'python3', 'turbo', 'code-gen', 'chromedriver', 'geckodriver', 'headless_shell'])(
  '%s ends with its service, and by a claim',
  (name) => expect(exactProgramKind(name)).toBeNull(),
);

test('a browser that a program drives is known by its arguments', () => {
  const driven = [
    ['--headless'],
    ['--headless=new'],
    ['-headless'],
    ['--remote-debugging-pipe'],
    ['-marionette'],
    ['x', '--enable-automation'],
  ];
  expect(driven.map((argv) => isAutomated(['chrome', ...argv]))).toEqual(driven.map(() => true));
  expect(isAutomated(['chrome', '--remote-debugging-port=9222', 'http://localhost/?--headless', 'headless'])).toBe(false);
});

test.skipIf(process.platform === 'win32')('the guard knows each program by the same names', () => {
  const names = [
    ...OPEN_PROGRAMS,
    ...[
      'Firefox',
      'SCREEN',
      'codegen',
      'code-insiders',
      'code-gen',
      'jetbrains-gatew',
      'node',
      'ssh',
      'sudo',
      'Code Helper (Pl',
      'chromedriver',
      'adbd',
    ],
    ...['podman', 'dockerd', 'NetworkManager', 'postgres', 'tmux: client', 'opera_service', 'a)b(', "it's", '*', 'chromium-browse'],
  ];
  const kindOf = (name: string) => {
    const kind = exactProgramKind(name);
    return kind !== null && TREATMENT[kind].spared !== null ? kind : '';
  };
  const script = `for name in "$@"; do title=\${name%%[:(]*}; case \${title% } in\n${sparedCases()}\nesac; echo "$kind"; done`;
  const { stdout } = spawnSync('/bin/sh', ['-c', script, 'sh', ...names], { encoding: 'utf8' });
  expect(stdout.split('\n').slice(0, -1)).toEqual(names.map(kindOf));
});
