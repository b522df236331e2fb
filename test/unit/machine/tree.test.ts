import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentMachine } from '../../../src/machine/current.ts';

describe.skipIf(process.platform !== 'linux')('a tree that is signalled without a usable ps', () => {
  const machine = currentMachine();
  let folder: string;
  let child: ChildProcess;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'devup-path-'));
    child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    child.stdin?.end();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });

  async function endsByTree(): Promise<void> {
    const row = await machine.process(child.pid ?? 0);
    const exited = once(child, 'exit');
    expect(await machine.signalTree({ pid: child.pid ?? 0, start: row?.start ?? 0 }, 'SIGTERM')).toBe('sent');
    expect(await exited).toEqual([null, 'SIGTERM']);
  }

  it('ends the process itself when there is no ps', async () => {
    vi.stubEnv('PATH', folder);
    await endsByTree();
  });

  it('ends the process itself, and not us, when ps cannot be started', async () => {
    writeFileSync(join(folder, 'ps'), '#!/nowhere/interpreter\n');
    chmodSync(join(folder, 'ps'), 0o755);
    vi.stubEnv('PATH', folder);
    await endsByTree();
  });
});
