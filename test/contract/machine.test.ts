/** The contract that all of devup relies on: one suite, run on the simulated machine and on this computer. */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ListenSocket } from '../../src/machine/machine.ts';
import { fakeWorld, realWorld, type World } from './machine-worlds.ts';

const worlds = [
  { name: 'the simulated machine', make: fakeWorld, there: true },
  { name: 'this Linux machine', make: realWorld, there: process.platform === 'linux' },
];
const hasIpv6 = existsSync('/proc/net/if_inet6') && readFileSync('/proc/net/if_inet6', 'utf8').includes(' lo');

for (const { name, make, there } of worlds) {
  describe.skipIf(!there)(name, () => {
    let world: World;
    beforeEach(() => {
      world = make();
    });
    afterEach(() => world.close());

    const addressesOf = (sockets: readonly ListenSocket[], port: number) =>
      sockets
        .filter((socket) => socket.port === port)
        .map((socket) => socket.address)
        .sort();
    const alive = async (pid: number) => (await world.machine.process(pid)) !== null;

    it('states the facts of its system', async () => {
      const { machine } = world;
      const { shell, programEndings, tools, cachesFolder, ...is } = machine.platform;
      const actor = await world.start();
      expect(is.hasProcessGroups).toBe(((await machine.process(actor.id.pid))?.pgid ?? 0) > 0);
      expect(is.processesAreFiles).toBe(machine.pids() !== null);
      expect(shell.argv('exit 3')).toEqual(expect.arrayContaining([expect.stringContaining('exit 3')]));
      expect(programEndings).toContain('');
      expect(tools.needed.filter((tool) => tools.optional.includes(tool))).toEqual([]);
      expect(cachesFolder({ XDG_CACHE_HOME: '/caches' })).toBe('/caches');
      expect(cachesFolder({ XDG_CACHE_HOME: 'relative', HOME: '/home/me' })).toBe('/home/me/.cache');
    });

    it('reports the ports that the system keeps for itself', async () => {
      const { machine } = world;
      const [first, last] = (await machine.ephemeralPorts()) ?? [0, 0];
      expect(first).toBeLessThanOrEqual(last);
      for (const [from, to] of await machine.excludedPorts()) expect(from).toBeLessThanOrEqual(to);
    });

    it('finds every listener of a port, with its address, its user and the process that holds it', async () => {
      const { machine } = world;
      const [one, two] = [await world.start(), await world.start()];
      const port = await one.listen('127.0.0.1', 0);
      await two.listen('127.0.0.2', port);
      const sockets = await machine.listenSockets(new Set([port]));
      expect(addressesOf(sockets, port)).toEqual(['127.0.0.1', '127.0.0.2']);
      expect(new Set(sockets.map(({ uid }) => uid))).toEqual(new Set([machine.uid]));
      const owners = await machine.holders(new Set(sockets.map(({ handle }) => handle)));
      const byAddress = new Map(sockets.map(({ address, handle }) => [address, owners.get(handle)]));
      expect(byAddress.get('127.0.0.1')).toEqual([one.id.pid]);
      expect(byAddress.get('127.0.0.2')).toEqual([two.id.pid]);
      expect(addressesOf(await machine.listenSockets(), port)).toHaveLength(2);
    });

    it.skipIf(!hasIpv6)('finds a listener on ::1 beside one on 127.0.0.1, and one on ::', async () => {
      const actor = await world.start();
      const port = await actor.listen('127.0.0.1', 0);
      await actor.listen('::1', port);
      const wide = await actor.listen('::', 0);
      const sockets = await world.machine.listenSockets(new Set([port, wide]));
      expect(addressesOf(sockets, port)).toEqual(['127.0.0.1', '::1']);
      expect(addressesOf(sockets, wide)).toEqual(['::']);
    });

    it('connects to localhost on either address, and reports the error where nothing listens', async () => {
      const actor = await world.start();
      const port = await actor.listen(hasIpv6 ? '::1' : '127.0.0.1', 0);
      expect(await world.machine.connectTo({ host: 'localhost', port }, 5000)).toBeNull();
      if (hasIpv6) expect(await world.machine.connectTo({ host: '127.0.0.1', port }, 5000)).toBe('ECONNREFUSED');
    });

    it('names all processes that share a socket, or only those in `among`', async () => {
      const { machine } = world;
      const actor = await world.start();
      const port = await actor.listen('0.0.0.0', 0);
      const worker = await actor.child({ session: false });
      const [socket] = await machine.listenSockets(new Set([port]));
      const handles = new Set([socket?.handle ?? '']);
      const everybody = (await machine.holders(handles)).get(socket?.handle ?? '') ?? [];
      expect([...everybody].sort()).toEqual([actor.id.pid, worker.pid].sort());
      expect((await machine.holders(handles, [worker.pid])).get(socket?.handle ?? '')).toEqual([worker.pid]);
      expect((await machine.holders(handles, [machine.pid])).size).toBe(0);
    });

    it('reports the address on which a port cannot be bound, and that it can be once the holder is gone', async () => {
      const { machine } = world;
      const actor = await world.start();
      const port = await actor.listen('127.0.0.1', 0);
      expect(await machine.canBind(port)).toEqual({ free: false, errno: 'EADDRINUSE', address: '127.0.0.1' });
      await actor.end();
      expect(await machine.canBind(port)).toEqual({ free: true });
    });

    it('counts its sockets, so that a new listener changes the count', async () => {
      const { machine } = world;
      const actor = await world.start();
      const before = machine.socketCount();
      await actor.listen('127.0.0.1', 0);
      expect(before).not.toBe(null);
      await vi.waitFor(() => expect(machine.socketCount()).not.toBe(before));
    });

    it('lists the pids of all living processes', async () => {
      const { machine } = world;
      const [one, two] = [await world.start(), await world.start()];
      const zombie = await two.zombie();
      expect(machine.pids()).toEqual(expect.arrayContaining([machine.pid, one.id.pid, two.id.pid, zombie]));
      await one.end();
      expect(machine.pids()).not.toContain(one.id.pid);
    });

    it('is not fooled by a holder on another loopback address', async () => {
      const actor = await world.start();
      const port = await actor.listen('127.0.0.2', 0);
      expect(await world.machine.canBind(port)).toEqual({ free: false, errno: 'EADDRINUSE', address: '0.0.0.0' });
    });

    it('distinguishes an outgoing connection that uses the port from a listener', async () => {
      const { machine } = world;
      const [server, client] = [await world.start(), await world.start()];
      const port = await server.listen('127.0.0.1', 0);
      const spare = await client.listen('127.0.0.9', 0);
      await client.connect(spare, port);
      const sockets = (await machine.otherSockets(new Set([spare]))).filter(({ address }) => address === '127.0.0.1');
      expect(sockets).toMatchObject([{ port: spare, remote: `127.0.0.1:${port}`, state: 'connected', uid: machine.uid }]);
      const handle = sockets[0]?.handle ?? '';
      expect((await machine.holders(new Set([handle]))).get(handle)).toEqual([client.id.pid]);
      expect(addressesOf(await machine.listenSockets(new Set([spare])), spare)).toEqual(['127.0.0.9']);
    });

    it('lists a process with its parent, group and session until it is gone', async () => {
      const { machine } = world;
      const actor = await world.start();
      const child = await actor.child({ session: false });
      const rows = await machine.processes();
      const { pid } = actor.id;
      expect(rows.find((row) => row.pid === pid)).toMatchObject({
        ...idOf(actor.id),
        ppid: machine.pid,
        pgid: pid,
        sid: pid,
        stopped: false,
      });
      expect(rows.find((row) => row.pid === child.pid)).toMatchObject({ ppid: pid, pgid: pid, sid: pid, name: 'cat' });
      expect(await machine.process(pid)).toMatchObject(idOf(actor.id));
      await actor.end();
      expect(await machine.process(pid)).toBeNull();
      expect((await machine.processes()).some((row) => row.pid === pid)).toBe(false);
      expect(await machine.details(actor.id)).toBeNull();
    });

    it('F41: counts a zombie as gone', async () => {
      const { machine } = world;
      const zombie = await (await world.start()).zombie();
      expect(await machine.process(zombie)).toBeNull();
      expect((await machine.processes()).some(({ pid }) => pid === zombie)).toBe(false);
      expect(await machine.signal({ pid: zombie, start: 1 }, 'SIGTERM')).toBe('gone');
    });

    it('shows command, folder, user and age of a process, and its environment', async () => {
      const { machine } = world;
      const actor = await world.start({ env: { DEVUP_TEST_WORD: 'a=b c' }, cwd: tmpdir() });
      const details = await machine.details(actor.id);
      expect(details?.argv.at(0)).toBe(process.execPath);
      expect(details?.argv.at(-1)).toMatch(/machine-actor\.mjs$/);
      expect(details).toMatchObject({ cwd: tmpdir(), uid: machine.uid, user: await machine.userName(machine.uid ?? 0) });
      expect(Math.abs((details?.startedAtMs ?? 0) - machine.clock.wallTime())).toBeLessThan(10_000);
      expect(await machine.variable(actor.id.pid, 'DEVUP_TEST_WORD')).toBe('a=b c');
      expect(await machine.variable(actor.id.pid, 'DEVUP_TEST_WOR')).toBeNull();
      expect(await machine.details({ ...actor.id, start: actor.id.start + 1 })).toBeNull();
      expect(details).toMatchObject({ container: await machine.container(actor.id.pid) });
    });

    it('names processes whose environment has a value with a prefix', async () => {
      const { machine } = world;
      const marked = await world.start({ env: { DEVUP_TEST_WORD: 'stack:one' } });
      const other = await world.start({ env: { DEVUP_TEST_WORD: 'other:two' } });
      const found = await machine.processesWithVariable('DEVUP_TEST_WORD', 'stack:');
      const value = machine.platform.processesAreFiles ? 'stack:one' : null;
      expect(found.get(marked.id.pid)).toMatchObject({ ...idOf(marked.id), value });
      if (!machine.platform.processesAreFiles) return;
      expect([...found.keys()]).not.toContain(other.id.pid);
      expect([...(await machine.processesWithVariable('DEVUP_TEST_WOR', 'stack:')).keys()]).not.toContain(marked.id.pid);
    });

    it('reads a process with a misleading name', async () => {
      const actor = await world.start();
      await actor.title('a) "b\n,pid=1');
      expect(await world.machine.process(actor.id.pid)).toMatchObject({ ...idOf(actor.id), name: 'a) "b\n,pid=1' });
    });

    it('ends a process by a signal, and reports it as gone afterwards', async () => {
      const { machine } = world;
      const actor = await world.start();
      expect(await machine.signal(actor.id, 'SIGTERM')).toBe('sent');
      await world.until(async () => !(await alive(actor.id.pid)));
      expect(await machine.signal(actor.id, 'SIGTERM')).toBe('gone');
      expect(await machine.signalTree(actor.id, 'SIGTERM')).toBe('gone');
    });

    it('F5: sends no signal to another process with the same pid', async () => {
      const { machine } = world;
      const actor = await world.start();
      const stale = { pid: actor.id.pid, start: actor.id.start - 1 };
      expect(await machine.signal(stale, 'SIGKILL')).toBe('reused');
      expect(await machine.signalGroup(actor.id.pid, [stale], 'SIGKILL')).toBe('reused');
      expect(await machine.signalTree(stale, 'SIGKILL')).toBe('reused');
      expect(await actor.listen('127.0.0.1', 0)).toBeGreaterThan(0);
    });

    it.each([0, 1, -1, -5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
      'throws at %s, which must not be signalled',
      async (pid) => {
        const { machine } = world;
        await expect(machine.signal({ pid, start: 1 }, 'SIGCONT')).rejects.toThrow(RangeError);
        await expect(machine.signalGroup(pid, [], 'SIGCONT')).rejects.toThrow(RangeError);
        await expect(machine.signalTree({ pid, start: 1 }, 'SIGCONT')).rejects.toThrow(RangeError);
      },
    );

    it('shows a stopped process as stopped; a signal reaches it once it is continued', async () => {
      const { machine } = world;
      const actor = await world.start();
      await machine.signal(actor.id, 'SIGSTOP');
      await world.until(async () => (await machine.process(actor.id.pid))?.stopped === true);
      await machine.signal(actor.id, 'SIGTERM');
      expect(await machine.process(actor.id.pid)).toMatchObject({ stopped: true });
      await machine.signal(actor.id, 'SIGCONT');
      await world.until(async () => !(await alive(actor.id.pid)));
    });

    it('leaves a process that ignores SIGTERM to SIGKILL', async () => {
      const { machine } = world;
      const actor = await world.start();
      await actor.ignore('SIGTERM');
      expect(await machine.signal(actor.id, 'SIGTERM')).toBe('sent');
      expect(await actor.listen('127.0.0.1', 0)).toBeGreaterThan(0);
      expect(await machine.signal(actor.id, 'SIGKILL')).toBe('sent');
      await world.until(async () => !(await alive(actor.id.pid)));
    });

    it('signals a group as long as one of the known members is in it, even without its leader', async () => {
      const { machine } = world;
      const actor = await world.start();
      const first = await actor.child({ session: false });
      const second = await actor.child({ session: false });
      expect(await machine.signalGroup(actor.id.pid, [{ ...actor.id, start: 1 }, first], 'SIGKILL')).toBe('sent');
      await world.until(async () => !(await alive(actor.id.pid)) && !(await alive(first.pid)) && !(await alive(second.pid)));
      expect(await machine.signalGroup(actor.id.pid, [actor.id, first, second], 'SIGKILL')).toBe('gone');
    });

    it('never signals a group none of whose members is known, nor our own', async () => {
      const { machine } = world;
      const [actor, other] = [await world.start(), await world.start()];
      expect(await machine.signalGroup(actor.id.pid, [other.id], 'SIGKILL')).toBe('gone');
      expect(await machine.signalGroup(actor.id.pid, [], 'SIGKILL')).toBe('gone');
      expect(await actor.listen('127.0.0.1', 0)).toBeGreaterThan(0);
      const own = await machine.process(machine.pid);
      await expect(machine.signalGroup(own?.pgid ?? 0, [{ pid: machine.pid, start: own?.start ?? 0 }], 'SIGCONT')).rejects.toThrow(
        RangeError,
      );
    });

    it('signals a tree by parent numbers, into other sessions too', async () => {
      const { machine } = world;
      const actor = await world.start();
      const child = await actor.child({ session: true });
      expect(await machine.signalTree(actor.id, 'SIGKILL')).toBe('sent');
      await world.until(async () => !(await alive(actor.id.pid)) && !(await alive(child.pid)));
    });

    it('ends a sleep early with the reason of the abort', async () => {
      const { clock } = world.machine;
      const abort = new AbortController();
      const began = clock.now();
      const sleep = clock.sleep(3_600_000, abort.signal);
      abort.abort(new Error('enough'));
      await expect(sleep).rejects.toThrow('enough');
      await expect(clock.sleep(1, abort.signal)).rejects.toThrow('enough');
      expect(clock.now() - began).toBeLessThan(3_600_000);
    });
  });
}

function idOf({ pid, start }: { pid: number; start: number }): { pid: number; start: number } {
  return { pid, start };
}
