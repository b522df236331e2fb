import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toolsIn } from '../../../src/processes/engine.ts';

/** The child of the wrapper reads this until the test closes it. */
let pipe: string;
let folder: string;
let writer: FileHandle | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-'));
  pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
});

afterEach(async () => {
  await writer?.close();
  rmSync(folder, { recursive: true });
});

const wrapper = ['-c', 'cat pipe; true'];

test('an answer is overdue in time, even if a child of the command keeps its output open', async () => {
  // Opens without a reader.
  writer = await open(pipe, 'r+');
  const answer = toolsIn(folder, process.env)('sh', wrapper, { timeoutMs: 1000 });
  expect(await answer).toEqual({ ok: false, text: 'sh has not answered within 1 s', timedOut: true });
});

test('an aborted command is not waited for, even if a child of it keeps its output open', async () => {
  const controller = new AbortController();
  const answer = toolsIn(folder, process.env)('sh', wrapper, { over: controller.signal });
  // Opens when the child reads.
  writer = await open(pipe, 'w');
  controller.abort();
  const given = await answer;
  expect(given?.ok).toBe(false);
  expect(given?.timedOut).toBeUndefined();
});

test('a command that answers in time has its output, and one that is not installed has no answer', async () => {
  const run = toolsIn(folder, process.env);
  expect(await run('echo', ['well'])).toEqual({ ok: true, text: 'well' });
  expect(await run('sh', ['-c', 'echo no >&2; exit 1'])).toEqual({ ok: false, text: 'no' });
  expect(await run('devup-has-no-such-tool', [])).toBeNull();
});
