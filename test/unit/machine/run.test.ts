import { describe, expect, it } from 'vitest';
import { requireTool, runTool } from '../../../src/machine/run.ts';

const node = [process.execPath];

describe('a tool of the system', () => {
  it('is run without a shell, in English and in universal time', async () => {
    const script = 'console.log(JSON.stringify([process.argv.slice(1), process.env.LC_ALL, process.env.TZ]))';
    const { exitCode, stdout } = await runTool(node, ['-e', script, '$(id); "x"'], 10_000);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual([['$(id); "x"'], 'C', 'UTC0']);
  });

  it('is taken from its standard place before PATH', async () => {
    expect((await runTool([process.execPath, 'false'], ['-e', ''], 10_000)).exitCode).toBe(0);
    expect((await runTool(['/nowhere/sh', 'sh'], ['-c', 'exit 3'], 10_000)).exitCode).toBe(3);
  });

  it('answers with what it printed when it fails, and with null when it is missing or does not end in time', async () => {
    expect(await runTool(node, ['-e', 'console.log("some"); process.exit(4)'], 10_000)).toMatchObject({ exitCode: 4, stdout: 'some\n' });
    expect((await runTool(['/nowhere/lsof'], [], 10_000)).exitCode).toBeNull();
    expect((await runTool(node, ['-e', 'setInterval(() => {}, 1000)'], 100)).exitCode).toBeNull();
  });

  it('is an error if it is indispensable', async () => {
    await expect(requireTool(['/nowhere/netstat'], [], 1_000)).rejects.toThrow('/nowhere/netstat cannot be run');
    await expect(requireTool(node, ['-e', 'console.error("why"); process.exit(2)'], 10_000)).rejects.toThrow(
      'failed with exit code 2: why',
    );
  });
});
