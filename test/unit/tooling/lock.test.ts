import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, onTestFinished, test } from 'vitest';

const lockModule = pathToFileURL(join(import.meta.dirname, '..', '..', '..', 'scripts', 'lock.mjs')).href;

/** Takes the lock, notes `in`, gives way to the others, notes `out`. With `stay` it never lets go. */
const program = `
  import { appendFileSync } from 'node:fs';
  import { withLock } from ${JSON.stringify(lockModule)};
  const [folder, stay] = process.argv.slice(1);
  const note = (what) => appendFileSync(folder + '/journal', process.pid + ' ' + what + '\\n');
  await withLock(folder + '/lock', () => note('waits'), async () => {
    note('in');
    if (stay) { process.stdout.write('holds'); await new Promise(() => setInterval(() => {}, 1e9)); }
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    note('out');
  });
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'devup-lock-'));
  return () => rmSync(folder, { recursive: true });
});

function contender(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

const journal = () => readFileSync(join(folder, 'journal'), 'utf8').trim().split('\n');
const turns = () => journal().filter((line) => !line.endsWith('waits'));

async function allTakeTurns(children: readonly ChildProcess[]): Promise<void> {
  for (const [code] of await Promise.all(children.map((child) => once(child, 'exit')))) expect(code).toBe(0);
  const lines = turns().slice(-2 * children.length);
  for (let i = 0; i < lines.length; i += 2) expect(lines[i + 1]).toBe(lines[i]?.replace(/in$/, 'out'));
  expect(readdirSync(folder)).toEqual(['journal']);
}

test('several at once take turns, and leave no lock', async () => {
  await allTakeTurns(Array.from({ length: 4 }, () => contender()));
  expect(turns()).toHaveLength(8);
});

test('a lock whose owner was killed is taken over by one process at a time', async () => {
  const killed = contender('stay');
  await once(killed.stdout as NodeJS.ReadableStream, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(existsSync(join(folder, 'lock'))).toBe(true);
  await allTakeTurns(Array.from({ length: 4 }, () => contender()));
});

test.runIf(process.platform === 'linux')('a lock whose owner’s number was given to another process is taken over', async () => {
  mkdirSync(join(folder, 'lock'));
  writeFileSync(join(folder, 'lock', 'owner'), `${process.pid} 1`);
  await allTakeTurns([contender()]);
});
