/** Files that are none, and links that lead out of the repository: devup names them, and neither reads nor writes them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { test } from '../../rig/rig.ts';

test('a FIFO in place of a file that a command reads is named, and the command ends', async ({ rig }) => {
  rig.config({ web: { command: 'true', port: await rig.port(), envFile: { path: '.env.local', required: false } } });
  const cwd = join(rig.root, 'app');
  mkdirSync(cwd);
  const pipes = ['app/package.json', 'app/.orchestratorrc', '.env.local', '.env', 'Procfile'].map((name) => join(rig.root, name));
  execFileSync('mkfifo', pipes);
  const checked = await rig.devup(['check'], { cwd });
  expect(checked.code).toBe(0);
  for (const name of ['app/package.json', 'app/.orchestratorrc', '.env.local'])
    expect(checked.stderr).toContain(`${join(rig.root, name)} is a named pipe, not a file and was skipped`);
  for (const name of ['.env', 'Procfile']) expect(checked.stdout).toContain(`${name}  is no regular file and was not read`);
  const named = await rig.devup(['status', '--config', '.orchestratorrc'], { cwd });
  expect(named).toMatchObject({ code: 3 });
  expect(named.stderr).toMatch(/error E302[\s\S]*it is a named pipe, not a file/);
  for (const pipe of pipes) rmSync(pipe);
});

test('a .devup that is a link is refused, and nothing is written there', async ({ rig }) => {
  rig.config({ web: { command: 'true' } });
  const outside = join(rig.home, 'outside');
  mkdirSync(outside);
  symlinkSync(outside, join(rig.root, '.devup'));
  for (const args of [['start', '-d'], ['status'], ['logs'], ['stop'], ['exec', 'web', '--', 'true']]) {
    const refused = await rig.devup(args);
    expect({ args, code: refused.code }).toEqual({ args, code: 1 });
    expect(refused.stderr).toMatch(/error E407: .*\.devup is not safe to use/);
  }
  expect(readdirSync(outside)).toEqual([]);
});

test('check --fix, docs and add write nothing through a link that leaves the repository', async ({ rig }) => {
  const [port, other, last] = [await rig.port(), await rig.port(), await rig.port()];
  rig.config({ api: { command: 'node api.js', port } });
  const files = {
    '.env': `API_PORT=${other}\n`,
    Procfile: `api: PORT=${port} node api.js\n`,
    'PORTS.md': '<!-- devup:ports -->\n<!-- /devup:ports -->\n',
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(rig.home, name), text);
    symlinkSync(join(rig.home, name), join(rig.root, name));
  }
  const fixed = await rig.devup(['check', '--fix']);
  expect(fixed.stderr).toContain('.env was not changed: it is reached through a link that leaves the repository');
  const documented = await rig.devup(['docs', '--file', 'PORTS.md']);
  expect(documented).toMatchObject({ code: 1 });
  expect(documented.stderr).toMatch(/error E504: PORTS\.md[\s\S]*leads out of the repository/);
  const added = await rig.devup(['add', 'worker', '--port', String(last), '--command', 'node worker.js', '--yes']);
  expect(added).toMatchObject({ code: 1 });
  expect(added.stderr).toMatch(/error E504: PORTS\.md[\s\S]*leads out of the repository/);
  for (const [name, text] of Object.entries(files)) expect(readFileSync(join(rig.home, name), 'utf8')).toBe(text);
});
