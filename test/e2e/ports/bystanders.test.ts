/** Processes that use a port without listening on it are never signalled, nor are holders of other ports. */
import { expect } from 'vitest';
import { isFree } from '../../rig/ports.ts';
import { test } from '../../rig/rig.ts';
import { isAlive, kill } from './answers.ts';

test('a client of the port and a UDP user of the number survive when the listener is ended', async ({ rig }) => {
  const port = await rig.port();
  const { pids } = await rig.squat({ how: 'listen', port });
  const client = await rig.squat({ how: 'client', port });
  const udp = await rig.squat({ how: 'udp', port });
  const { code, first } = await kill(rig, [port]);
  expect(first).toMatchObject({ outcome: 'freed', killed: [{ pid: pids[0] }] });
  expect(first.killed).toHaveLength(1);
  expect(code).toBe(0);
  expect([...client.pids, ...udp.pids].every(isAlive)).toBe(true);
});

test('F19: a port used only by UDP counts as free', async ({ rig }) => {
  const port = await rig.port();
  const { pids } = await rig.squat({ how: 'udp', port });
  const { code, first } = await kill(rig, [port]);
  expect(first).toMatchObject({ outcome: 'was-free', killed: [] });
  expect(code).toBe(0);
  expect(pids.every(isAlive)).toBe(true);
});

// web: needs the port that a connection uses as its own end
test('an outgoing connection from the port is explained, and no process is killed', async ({ rig }) => {
  const [port, to] = [await rig.port(), await rig.port()];
  const server = await rig.squat({ how: 'listen', port: to });
  const { pids } = await rig.squat({ how: 'outgoing', port, to, host: '127.0.0.1' });
  const { code, first } = await kill(rig, [port]);
  expect(first).toMatchObject({ port, outcome: 'refused', killed: [], problem: { code: 'E205' } });
  expect(first.problem?.why).toMatch(new RegExp(`pid ${pids[0]}.*local end of a connection to 127\\.0\\.0\\.1:${to}`));
  expect(code).toBe(4);
  rig.config({ web: { command: rig.puppet('web', '--port', port).command, port } });
  const started = await rig.devup(['start', '-d']);
  expect(started.code).toBe(4);
  expect(started.stderr).toMatch(/local end of a connection/);
  expect(rig.puppet('web').journal()).toEqual([]);
  expect([...server.pids, ...pids].every(isAlive)).toBe(true);
});

test('a socket that is bound but does not listen is explained, and no process is killed', async ({ rig }) => {
  const port = await rig.port();
  const { pids } = await rig.squat({ how: 'bind', port });
  const { code, first } = await kill(rig, [port]);
  expect(first).toMatchObject({ outcome: 'refused', killed: [], holders: [] });
  expect(first.problem?.why).toMatch(/bound to it without listening/);
  expect(code).toBe(4);
  expect(pids.every(isAlive)).toBe(true);
});

// web: its port is in TIME_WAIT
test('F21: a port in TIME_WAIT is free, and a start takes it', async ({ rig }) => {
  const port = await rig.port();
  await (await rig.squat({ how: 'time-wait', port })).process.exited;
  expect((await kill(rig, [port])).first).toMatchObject({ outcome: 'was-free', killed: [] });
  rig.config({ web: { command: rig.puppet('web', '--port', port).command, port } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  expect((await rig.devup(['stop'])).code).toBe(0);
});

test('a port that is a prefix of another leaves the other alone', async ({ rig }) => {
  const short = await rig.port([2590, 2591, 2592, 2593, 2594]);
  const long = await rig.port([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => short * 10 + digit));
  const { pids } = await rig.squat({ how: 'listen', port: long });
  expect((await kill(rig, [short])).first).toMatchObject({ port: short, outcome: 'was-free', killed: [] });
  const shorter = await rig.squat({ how: 'listen', port: short });
  expect((await kill(rig, [short])).first.killed.map(({ pid }) => pid)).toEqual(shorter.pids);
  expect(pids.every(isAlive)).toBe(true);
});

test('several ports, a range, and one holder of two are freed in one pass, each with its own killed processes', async ({ rig }) => {
  const base = await rig.port();
  const [alone, both] = [await rig.port(), await rig.port()];
  const inRange = await rig.squat({ how: 'listen', port: base });
  const single = await rig.squat({ how: 'listen', port: alone, host: '::1' });
  const two = rig.puppet('two', '--port', both, '--port', `127.0.0.1:${await rig.port()}`);
  rig.spawn(two.command);
  const second = Number(String((await two.waitFor('listening', 2))['at']).split(':')[1]);
  const { code, ports } = await kill(rig, [`${base}-${base}`, alone, both, second]);
  expect(code).toBe(0);
  expect(ports.map(({ port, outcome }) => [port, outcome])).toEqual([base, alone, both, second].map((port) => [port, 'freed']));
  expect(ports.map(({ killed }) => killed.map(({ pid }) => pid))).toEqual([inRange.pids, single.pids, two.pids(), two.pids()]);
  for (const port of [base, alone, both, second]) expect(await isFree(port)).toBe(true);
});

test('an argument that is not a port is refused before any scan', async ({ rig }) => {
  const port = await rig.port();
  const { pids } = await rig.squat({ how: 'listen', port });
  for (const word of ['0', '65536', '99999', `${port}-${port - 1}`, `${port}; rm`, 'abc', '1-65535']) {
    const answer = await rig.devup(['kill', String(port), word, '--json']);
    expect(answer.code, word).toBe(2);
    expect(answer.json(), word).toMatchObject({ schemaVersion: 1, error: { code: expect.stringMatching(/^E(204|002|001)$/) } });
  }
  expect(pids.every(isAlive)).toBe(true);
});
