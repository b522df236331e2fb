import { describe, expect, test } from 'vitest';
import { isInteractive } from '../../../src/ports/interactive-shell.ts';

const asProcess = (command: string) => ({ name: (command.split(' ')[0] as string).replace(/^.*\//, ''), command });

describe("a person's own program, which is not ended for a port", () => {
  test.each([
    'bash',
    '-bash',
    '-zsh',
    'zsh -i',
    'bash --norc -i',
    'bash --login',
    '/bin/bash --init-file /usr/share/code/out/shellIntegration-bash.sh',
    'bash --rcfile /tmp/rc -l',
    'zsh -o vi',
    'fish --init-command . /usr/share/code/out/shellIntegration.fish',
    'pwsh -noexit -command try { . }',
    'login -p',
    'tmux: server',
    'gnome-terminal-server',
  ])('%s', (command) =>
    expect(isInteractive({ ...asProcess(command), name: /^tmux/.test(command) ? command : asProcess(command).name })).toBe(true),
  );
});

describe('a program like any other', () => {
  test.each([
    'sh serve.sh',
    'sh -c node server.js',
    'bash -l -c serve',
    'sh -e serve.sh',
    'bash -ec while :; do node server.js; done',
    'bash -x serve.sh',
    'zsh -o errexit serve.sh',
    'bash -- serve.sh',
    'node server.js',
    'pwsh -c serve',
  ])('%s', (command) => expect(isInteractive(asProcess(command))).toBe(false));
});
