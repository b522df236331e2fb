import { describe, expect, test } from 'vitest';
import { MemberTracker } from '../../../src/processes/members.ts';
import { Membership } from '../../../src/processes/membership.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';
import type { FakeProcess } from '../../rig/fake-processes.ts';

const ENV = { DEVUP_RUN: '0123456789abcdef:s1:web' };
const MARKER = { stackId: '0123456789abcdef', session: 's1', service: 'web' };

function world() {
  const machine = new FakeMachine();
  const main = machine.spawn({ env: ENV, session: true });
  const membership = new Membership(MARKER);
  membership.add(main.row());
  const tracker = new MemberTracker(machine);
  tracker.track(membership);
  const pids = async () => {
    await tracker.scan();
    return membership.members.map(({ pid }) => pid).sort((a, b) => a - b);
  };
  return { machine, main, membership, tracker, pids };
}

describe('a member', () => {
  const ways: Readonly<Record<string, (main: FakeProcess) => FakeProcess>> = {
    'is what the main process forked': (main) => main.fork(),
    'is what left its parent, group and session, by its marker': (main) => {
      const daemon = main.fork().fork({ session: true });
      daemon.parent?.exit();
      return daemon;
    },
    'is what has no marker any more, by its session': (main) => {
      const child = main.fork({ env: {} }).fork({ env: {} });
      child.parent?.exit();
      return child;
    },
    'is what a member forked with neither marker nor session': (main) => main.fork({ session: true }).fork({ env: {}, session: true }),
  };
  for (const [what, make] of Object.entries(ways)) {
    test(what, async () => {
      const { main, pids } = world();
      const process = make(main);
      expect(await pids()).toContain(process.pid);
    });
  }

  test('that has joined a group whose leader has the pid of a past member does not bring that group along', async () => {
    const { machine, main, pids } = world();
    const past = main.fork({ session: true });
    await pids();
    past.exit();
    const shell = machine.spawn({ pid: past.pid, session: true, env: {} });
    const stranger = shell.fork();
    const marked = shell.fork({ env: ENV });
    const found = await pids();
    expect(found).toContain(marked.pid);
    expect(found).not.toContain(stranger.pid);
    expect(found).not.toContain(shell.pid);
  });

  test('stays a member when every tie to the others is cut, until it is gone', async () => {
    const { main, pids } = world();
    const worker = main.fork({ env: {}, session: true });
    await pids();
    main.exit();
    expect(await pids()).toEqual([worker.pid]);
    worker.exit();
    expect(await pids()).toEqual([]);
  });

  test('is searched for once for all callers in one turn of the event loop', async () => {
    const { machine, tracker } = world();
    machine.clock.turn = () => new Promise((resolve) => setImmediate(resolve));
    let looks = 0;
    const processes = machine.processes.bind(machine);
    machine.processes = (except) => {
      looks++;
      return processes(except);
    };
    const told: Promise<void>[] = [];
    for (let exit = 0; exit < 5; exit++) {
      told.push(tracker.scan());
      for (let step = 0; step < 20; step++) await Promise.resolve();
    }
    await Promise.all(told);
    expect(looks).toBe(1);
  });

  test('is noticed by a thorough scan also if it ends before the others are read, as a link of a chain does', async () => {
    const { machine, tracker, membership } = world();
    const link = machine.spawn({ env: ENV, session: true });
    const processes = machine.processes.bind(machine);
    machine.processes = (except) => {
      link.exit();
      return processes(except);
    };
    await tracker.scan({ isThorough: true });
    expect(membership.has(link)).toBe(true);
    await tracker.scan();
    expect(membership.has(link)).toBe(false);
  });

  test('is found by a poll as well: a fork, a daemon, and one whose pid a foreign process had', async () => {
    const { machine, main, tracker, membership } = world();
    const stranger = machine.spawn();
    await tracker.scan();
    const child = main.fork({ env: {} });
    await tracker.poll();
    expect(membership.hasPid(child.pid)).toBe(true);
    const daemon = main.fork().fork({ session: true });
    daemon.parent?.exit();
    await tracker.poll();
    expect(membership.hasPid(daemon.pid)).toBe(true);
    stranger.exit();
    const successor = machine.spawn({ pid: stranger.pid, env: ENV, session: true });
    for (let polls = 0; polls < 4; polls++) await tracker.poll();
    expect(membership.has(successor)).toBe(true);
  });

  test('is dropped by a poll once it is gone', async () => {
    const { main, tracker, membership } = world();
    const child = main.fork();
    await tracker.poll();
    child.exit();
    await tracker.poll();
    expect(membership.hasPid(child.pid)).toBe(false);
  });

  test('costs a poll no reads while no process comes or goes, except every fourth time', async () => {
    const { machine, main, tracker } = world();
    await tracker.poll();
    let reads = 0;
    machine.beforeRead = () => void reads++;
    expect([await tracker.poll(), await tracker.poll()]).toEqual([false, false]);
    expect(reads).toBe(0);
    expect(await tracker.poll()).toBe(true);
    expect(reads).toBeGreaterThan(0);
    const child = main.fork();
    expect(await tracker.poll()).toBe(true);
    child.exit();
    expect([await tracker.poll(), await tracker.poll()]).toEqual([true, false]);
  });

  test('is read again by a poll when a member has gone, not because a foreign process started', async () => {
    const { machine, main, tracker, membership } = world();
    const worker = main.fork();
    await tracker.poll();
    let reads = 0;
    machine.beforeRead = () => void reads++;
    const stranger = machine.spawn({ env: {}, session: true });
    await tracker.poll();
    // Its row and its environment.
    expect(reads).toBe(2);
    worker.exit();
    stranger.exit();
    await tracker.poll();
    expect(membership.hasPid(worker.pid)).toBe(false);
    expect(membership.hasPid(main.pid)).toBe(true);
  });

  test('is found by a poll in a group that a member has made since the last read', async () => {
    const { main, tracker, membership } = world();
    const worker = main.fork();
    await tracker.poll();
    worker.setpgid();
    const orphan = worker.fork().fork({ env: {} });
    orphan.parent?.exit();
    await tracker.poll();
    expect(membership.hasPid(orphan.pid)).toBe(true);
  });

  test('is read by every poll if the system has no list of pids', async () => {
    const { machine, tracker } = world();
    machine.pids = () => null;
    expect([await tracker.poll(), await tracker.poll(), await tracker.poll()]).toEqual([true, true, true]);
  });

  test("is not a process that got its pid afterwards, nor that one's children", async () => {
    const { machine, main, pids } = world();
    const worker = main.fork({ session: true });
    await pids();
    worker.exit();
    const stranger = machine.spawn({ pid: worker.pid, session: true, env: {} });
    stranger.fork();
    expect(await pids()).toEqual([main.pid]);
  });

  for (const how of ['scan', 'poll'] as const) {
    test(`F12: is a daemonised helper that a ${how} met before its service was tracked`, async () => {
      const { machine, tracker } = world();
      const late = machine.spawn({ env: { DEVUP_RUN: '0123456789abcdef:s1:late' }, session: true });
      const helper = late.fork().fork({ session: true });
      helper.parent?.exit();
      const membership = new Membership({ ...MARKER, service: 'late' });
      membership.add(late.row());
      machine.beforeRead = (read) => {
        if (read === 'processes') tracker.track(membership);
      };
      await tracker[how]();
      await tracker.scan();
      expect(membership.has(helper)).toBe(true);
    });

    test(`F12: is a daemonised helper whose environment could not be read once, by a ${how}`, async () => {
      const { machine, main, membership, tracker } = world();
      const helper = main.fork().fork({ session: true });
      helper.parent?.exit();
      machine.hidden.add(helper);
      await tracker[how]();
      expect(membership.has(helper)).toBe(false);
      machine.hidden.clear();
      await tracker.scan();
      expect(membership.has(helper)).toBe(true);
    });

    test(`F12: is a daemonised helper of the run that began during a scan, by the next ${how}`, async () => {
      const { machine, main, membership, tracker } = world();
      main.exit();
      const again = machine.spawn({ env: ENV, session: true });
      const helper = again.fork().fork({ session: true });
      helper.parent?.exit();
      const next = new Membership(MARKER);
      next.add(again.row());
      machine.beforeRead = (read) => {
        if (read !== 'processes') return;
        tracker.untrack(membership);
        tracker.track(next);
      };
      await tracker.scan();
      machine.beforeRead = null;
      machine.spawn({ env: {}, session: true });
      await tracker[how]();
      expect(next.has(helper)).toBe(true);
    });
  }

  test('is read once, unless its environment cannot be read', async () => {
    const { machine, main, tracker } = world();
    const hidden = main.fork();
    machine.hidden.add(hidden);
    await tracker.scan();
    const asked: string[] = [];
    machine.beforeRead = (read) => {
      if (read === 'variable') asked.push(read);
    };
    await tracker.scan();
    expect(asked).toHaveLength(1);
  });

  test("is not a process of another session, nor one with another service's marker", async () => {
    const { machine, main, pids } = world();
    machine.spawn({ env: { DEVUP_RUN: '0123456789abcdef:s2:web' }, session: true });
    machine.spawn({ env: { DEVUP_RUN: '0123456789abcdef:s1:web2' }, session: true });
    machine.spawn({ session: true });
    expect(await pids()).toEqual([main.pid]);
  });
});

describe('programs that people share or work in', () => {
  test('are left alive and named when only the marker ties them to a service, with their children', async () => {
    const { machine, main, membership, pids } = world();
    const browser = machine.spawn({ parent: machine.table.init, name: 'chrome', uid: machine.uid, env: ENV, session: true });
    await pids();
    const tab = browser.fork({ name: 'helper' });
    expect(await pids()).toEqual([main.pid]);
    expect([...membership.spared.keys()]).toEqual([browser.pid, tab.pid]);
    browser.exit();
    tab.exit();
    await pids();
    expect(membership.spared.size).toBe(0);
  });

  test('are left alive also as children of the service that opened them, in its own group, with what runs below them', async () => {
    const { main, membership, pids } = world();
    const opener = main.fork({ name: 'xdg-open' });
    const browser = opener.fork({ name: 'brave' });
    const tab = browser.fork({ name: 'helper' });
    expect(await pids()).toEqual([main.pid, opener.pid]);
    expect([...membership.spared.keys()]).toEqual([browser.pid, tab.pid]);
    expect([membership.sparesIn(main.pid), membership.sparesIn(tab.pid)]).toEqual([true, false]);
    opener.exit();
    browser.exit();
    expect(await pids()).toEqual([main.pid]);
    expect([...membership.spared.keys()]).toEqual([tab.pid]);
  });

  test('are judged by their present name: a wrapper becomes the program that it runs', async () => {
    const { main, membership, pids } = world();
    const wrapper = main.fork({ name: 'sensible-browser' });
    const child = wrapper.fork({ name: 'sh' });
    expect(await pids()).toEqual([main.pid, wrapper.pid, child.pid]);
    wrapper.rename('librewolf');
    expect(await pids()).toEqual([main.pid]);
    expect([...membership.spared.keys()].sort((one, other) => one - other)).toEqual([wrapper.pid, child.pid]);
  });

  test('are members when they are the service: its main process, a declared one, or one that a program drives', async () => {
    const machine = new FakeMachine();
    const main = machine.spawn({ env: ENV, session: true, name: 'chromium' });
    const own: number[] = [];
    const membership = new Membership(MARKER, { declared: ['notebook'], onOwn: ({ pid }) => void own.push(pid) });
    membership.add(main.row());
    const tracker = new MemberTracker(machine);
    tracker.track(membership);
    await tracker.scan();
    const renderer = main.fork({ name: 'chrome' });
    const notebook = main.fork({ name: 'sh' }).fork({ name: 'jupyter-lab' });
    const editor = notebook.fork({ name: 'emacs' });
    const daemon = machine.spawn({ parent: machine.table.init, name: 'jupyter-lab', uid: machine.uid, env: ENV, session: true });
    await tracker.scan();
    expect([renderer, notebook].map(({ pid }) => membership.hasPid(pid))).toEqual([true, true]);
    expect([...membership.spared.keys()].sort((one, other) => one - other)).toEqual([editor.pid, daemon.pid]);
    expect(own).toEqual([main.pid, renderer.pid, notebook.pid]);
  });

  test('are members when a program drives them, and end with it', async () => {
    const { main, membership, pids } = world();
    const driven = main.fork({ name: 'chrome', argv: ['chrome', '--headless=new', '--user-data-dir=/tmp/x'] });
    const tab = driven.fork({ name: 'chrome', argv: ['chrome', '--type=renderer'] });
    const seen = main.fork({ name: 'chrome', argv: ['chrome', 'http://localhost:3000'] });
    expect(await pids()).toEqual([main.pid, driven.pid, tab.pid]);
    expect([...membership.spared.keys()]).toEqual([seen.pid]);
  });

  test('are members once they hold a port of the service, with what runs below them', async () => {
    const { main, membership, pids } = world();
    const notebook = main.fork({ name: 'sh' }).fork({ name: 'jupyter-lab' });
    const kernel = notebook.fork({ name: 'python3' });
    await pids();
    expect([...membership.spared.keys()]).toEqual([notebook.pid, kernel.pid]);
    membership.add(notebook.row());
    expect(await pids()).toEqual([main.pid, notebook.parent?.pid, notebook.pid, kernel.pid]);
    expect(membership.spared.size).toBe(0);
  });

  test('are not all programs with the same beginning of the name', async () => {
    const { machine, pids } = world();
    const generator = machine.spawn({ parent: machine.table.init, name: 'codegen', uid: machine.uid, env: ENV, session: true });
    expect(await pids()).toContain(generator.pid);
  });
});

test('scans requested during a scan share the next one, which sees what came meanwhile', async () => {
  const { machine, main, membership, tracker } = world();
  let passes = 0;
  machine.beforeRead = (read) => {
    if (read === 'processes') passes++;
  };
  const first = tracker.scan();
  await Promise.resolve();
  const child = main.fork();
  await Promise.all([first, tracker.scan(), tracker.scan(), tracker.scan()]);
  expect(membership.hasPid(child.pid)).toBe(true);
  expect(passes).toBeLessThanOrEqual(2 * machine.table.living().length);
});

describe('what an engine keeps for the containers that a member started', () => {
  const helpers = ['conmon', 'rootlessport', 'slirp4netns', 'pasta.avx2', 'aardvark-dns', 'catatonit', 'docker-proxy'];

  test.each(helpers)('is no member, nor what is below it: %s', async (name) => {
    const { main, pids } = world();
    main.rename('podman');
    const helper = main.fork({ name, session: true });
    const inside = helper.fork({ name: 'srv', session: true, env: {} });
    expect(await pids()).toEqual([main.pid]);
    main.exit();
    expect(await pids()).toEqual([]);
    expect([helper.alive, inside.alive]).toEqual([true, true]);
  });

  test('is no member any more once it has become one of them', async () => {
    const { main, pids } = world();
    main.rename('podman');
    const fork = main.fork({ name: 'podman', session: true });
    expect(await pids()).toContain(fork.pid);
    fork.rename('conmon');
    expect(await pids()).toEqual([main.pid]);
  });

  test('is a member like any other if no client of an engine is: a program may have the same name', async () => {
    const { main, pids } = world();
    const pasta = main.fork({ name: 'pasta' });
    expect(await pids()).toEqual([main.pid, pasta.pid]);
  });
});
