/** `devup ports`: the contract against the machine, and free ports for new services. */
import { expect } from 'vitest';
import { type Rig, test } from '../../rig/rig.ts';
import type { HolderJson } from './answers.ts';

interface PortJson {
  readonly port: number;
  readonly service: string | null;
  readonly category: string | null;
  readonly serviceState: string | null;
  readonly verdict: string | null;
  readonly state: string;
  readonly addresses: readonly string[];
  readonly holders: readonly HolderJson[];
  readonly warnings: readonly { readonly kind: string; readonly why: string; readonly fix: string }[];
}

async function ports(rig: Rig, args: readonly string[] = []): Promise<readonly PortJson[]> {
  return ((await rig.devup(['ports', ...args, '--json'])).json() as { readonly ports: readonly PortJson[] }).ports;
}

test('each declared port is shown with its category, the state of its service, and its holder', async ({ rig }) => {
  const [mine, squatted, free] = [await rig.port(), await rig.port(), await rig.port()];
  rig.config({
    web: { command: rig.puppet('web', '--port', mine).command, port: mine, category: 'frontend', host: '127.0.0.1' },
    api: { command: 'node api.js', port: squatted, optional: true },
    idle: { command: 'node idle.js', port: free, optional: true },
  });
  const squatter = await rig.squat({ how: 'listen', port: squatted });
  expect(await rig.devup(['start', '-d'])).toMatchObject({ code: 0 });
  expect(await ports(rig)).toMatchObject([
    // The puppet listens on all addresses, but its host is this machine only.
    { port: mine, service: 'web', category: 'frontend', serviceState: 'ready', verdict: 'ours', warnings: [{ kind: 'reachable' }] },
    {
      port: squatted,
      service: 'api',
      category: null,
      serviceState: 'stopped',
      verdict: 'foreign',
      holders: [{ pid: squatter.pids[0] }],
      warnings: [],
    },
    { port: free, service: 'idle', serviceState: 'stopped', verdict: 'free', state: 'free', warnings: [] },
  ]);
  const table = (await rig.devup(['ports'])).stdout;
  expect(table).toMatch(new RegExp(`^PORT +SERVICE +CATEGORY +STATE +VERDICT +ADDRESS +LISTENER\\n${mine} +web +frontend +ready +ours `));
  expect(table).toContain(`\n! web ${mine}: it can be reached from the network`);
  const details = (await rig.devup(['ports', 'web'])).stdout;
  for (const part of [
    `${mine} (web, ours)`,
    '  devup       service web of stack',
    '  state       ready',
    `  address     http://127.0.0.1:${mine}`,
    '  fix         make it listen on',
  ])
    expect(details).toContain(part);
  expect((await ports(rig, ['--all'])).map(({ port }) => port)).toEqual(expect.arrayContaining([mine, squatted]));
  expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
});

test('a port that causes trouble is reported wherever it is declared', async ({ rig }) => {
  rig.config({ web: { command: 'x', ports: { main: 80, sip: 6000 } } });
  expect((await ports(rig)).map(({ port, warnings }) => [port, warnings.map(({ kind }) => kind)])).toEqual([
    [80, ['privileged']],
    [6000, ['blocked']],
  ]);
  expect((await rig.devup(['ports', '6000'])).stdout).toMatch(
    /\n {2}warning {5}browsers refuse to open it\n {2}fix {9}choose another port\n$/,
  );
});

test('the next port of a range is free and declared by nobody, and the near misses are named', async ({ rig }) => {
  const base = await consecutive(rig, 4);
  const range = `${base}-${base + 3}`;
  rig.config({ auth: { command: 'x', port: base }, users: { command: 'x', port: base + 2 } }, { ranges: { backend: { ports: range } } });
  const squatter = await rig.squat({ how: 'listen', port: base + 1 });
  const next = await rig.devup(['ports', '--next', 'backend']);
  expect(next).toMatchObject({ code: 0, stdout: `${base + 3}\n` });
  expect(next.stderr.split('\n')).toEqual([
    expect.stringMatching(new RegExp(`^${base + 1} is not declared, but held now by \\w+ \\(pid ${squatter.pids[0]}, `)),
    `${base + 2} is declared by users`,
    '',
  ]);
  const full = await rig.devup(['ports', '--next', `${base}-${base + 2}`, '--json']);
  expect(full.code).toBe(1);
  expect(full.json()).toMatchObject({
    next: null,
    range: { from: base, to: base + 2 },
    passedOver: [
      { port: base, why: 'declared', service: 'auth' },
      { port: base + 1, why: 'held', service: null },
      { port: base + 2, why: 'declared', service: 'users' },
    ],
  });
  expect((await rig.devup(['ports', '--next', '5060-5062'])).stdout).toBe('5062\n');
  const unknown = await rig.devup(['ports', '--next', 'bakend']);
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toContain('did you mean devup ports --next backend?');
  expect((await rig.devup(['ports', 'atuh'])).stderr).toContain('auth');
  for (const both of [
    ['8000', '--next', 'backend'],
    ['--all', '--next', 'backend'],
    ['auth', '--all'],
  ])
    expect(await rig.devup(['ports', ...both])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('use one of them') });
});

/** The first of that many ports in a row. */
async function consecutive(rig: Rig, count: number): Promise<number> {
  for (;;) {
    const first = await rig.port();
    const rest = Array.from({ length: count - 1 }, (_, i) => first + 1 + i);
    const got = await Promise.all(rest.map((port) => rig.port([port]).catch(() => null)));
    if (got.every((port) => port !== null)) return first;
  }
}

test('numbers and --all need no valid config; names, the table and --next do', async ({ rig }) => {
  const port = await rig.port();
  const squatter = await rig.squat({ how: 'listen', port });
  rig.config({ web: 5 as unknown as object });
  for (const args of [[String(port)], ['--all']]) {
    const answer = await rig.devup(['ports', ...args, '--json']);
    expect(answer.code).toBe(0);
    const { ports } = answer.json() as { ports: { port: number; holders: { pid: number }[] }[] };
    expect(ports.find((row) => row.port === port)?.holders).toMatchObject([{ pid: squatter.process.pid }]);
  }
  for (const args of [[], ['web'], ['--next', `${port}-${port + 5}`]]) expect((await rig.devup(['ports', ...args])).code).toBe(3);
});

test('a service whose name begins with a digit is a service to `ports` and `kill`, not a port', async ({ rig }) => {
  const port = await rig.port();
  const squatter = await rig.squat({ how: 'listen', port });
  rig.config({ '2fa': { command: 'x', port } });
  expect((await rig.devup(['ports', '2fa', '--json'])).json()).toMatchObject({ ports: [{ port, service: '2fa' }] });
  expect(await rig.devup(['ports', '3fa'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error E204: `3fa`/) });
  expect(await rig.devup(['kill', '3fa', '2fa'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error E204: `3fa`/) });
  expect(squatter.process.alive).toBe(true);
  expect((await rig.devup(['kill', '2fa', '--json'])).json()).toMatchObject({ ports: [{ port, outcome: 'freed' }] });
});
