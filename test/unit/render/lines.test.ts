import { describe, expect, test } from 'vitest';
import type { NoticeEvent, StateEvent } from '../../../src/model/event.ts';
import type { ShownService } from '../../../src/model/shown-service.ts';
import { ProgressLines } from '../../../src/render/lines.ts';
import { startTaskTree } from '../../../src/render/tasks.ts';
import { width } from '../../../src/render/text.ts';
import { FAILURES, HOLDER, NOW, VIEWER } from './samples.ts';

const SERVICES: readonly ShownService[] = [
  { name: 'backend', port: 8000, url: 'http://localhost:8000', planned: true },
  { name: 'web', port: 500, url: 'http://localhost:500', planned: true },
  { name: 'mcp', port: 600, url: null, planned: false },
];

function state(o: Partial<StateEvent>): StateEvent {
  return {
    type: 'state',
    seq: 1,
    atMs: NOW,
    service: 'backend',
    state: 'ready',
    pid: 5210,
    afterMs: 2100,
    restarts: 0,
    problem: null,
    delayMs: null,
    ...o,
  };
}

describe('progress as plain lines', () => {
  const lines = new ProgressLines({ services: SERVICES, colour: false, viewer: VIEWER });

  test('glyph, port, name, state, time, address, pid', () => {
    expect(lines.line(state({}))).toBe('✔ 8000 backend  ready       2.1 s  http://localhost:8000  pid 5210\n');
    expect(lines.line(state({ service: 'web', state: 'starting', afterMs: 0, pid: 9 }))).toBe('…  500 web      starting   pid 9\n');
  });

  test('only services that ran are reported as stopped', () => {
    const fresh = new ProgressLines({ services: SERVICES, colour: false });
    const say = (...states: StateEvent['state'][]) =>
      states.map((name) => fresh.line(state({ state: name, pid: null, afterMs: null }))).join('');
    expect(say('waiting', 'stopped')).toBe('');
    expect(say('completed', 'stopped')).toMatch(/^✔ 8000 backend {2}completed\n$/);
    expect(say('stopping', 'stopped')).toMatch(/stopping\n○ 8000 backend {2}stopped\n$/);
  });

  test('a failure and a backoff say why and when', () => {
    expect(lines.line(state({ state: 'failed', pid: null, afterMs: null, problem: FAILURES.E101 }))).toBe(
      '✖ 8000 backend  failed     web exited with code 3 before it was ready\n',
    );
    expect(lines.line(state({ state: 'backoff', pid: null, afterMs: null, delayMs: 1000, restarts: 2 }))).toContain(
      'retry in 1 s  restart 2',
    );
  });

  test('the holder of a port is named when it is freed', () => {
    const event = { type: 'port', seq: 1, atMs: NOW, service: 'backend', port: 8000, holders: [HOLDER], ports: [] } as const;
    expect(lines.line({ ...event, action: 'freeing' })).toBe(
      '! warning: 8000 backend  held by python3 (pid 4121, you, 3h12m)  ~/old/medcor  manage.py runserver; freeing it\n',
    );
    expect(lines.line({ ...event, action: 'listens-elsewhere', ports: [8001] })).toBe('! warning: backend listens on 8001, not 8000\n');
  });
});

function still(afterMs: number, lastLine: string | null, service = 'backend'): NoticeEvent {
  return { type: 'notice', seq: 1, atMs: NOW, service, notice: { kind: 'still-starting', afterMs, lastLine } };
}

describe('a slow start as plain lines', () => {
  const fresh = (showSlowStarts: boolean) => new ProgressLines({ services: SERVICES, colour: false, viewer: VIEWER, showSlowStarts });

  test('is mentioned with its last line after 5, 10, 20 seconds, each service by itself', () => {
    const lines = fresh(true);
    expect(lines.line(still(5000, null))).toBe('· backend is still starting after 5 s: it has printed nothing\n');
    expect(lines.line(still(6000, 'Compiling'))).toBe('');
    expect(lines.line(still(6000, 'Compiling', 'web'))).toBe('· web is still starting after 6 s: Compiling\n');
    expect(lines.line(still(10_100, 'Linking'))).toBe('· backend is still starting after 10 s: Linking\n');
    expect(lines.line(still(20_000, 'Linked'))).toBe('');
    expect(lines.line(still(20_300, 'Linked'))).not.toBe('');
    lines.line(state({ state: 'starting' }));
    expect(lines.line(still(5000, 'once more'))).not.toBe('');
  });

  test('is not mentioned where the output is printed', () => {
    expect(fresh(false).line(still(5000, 'Compiling'))).toBe('');
  });

  test('shows no secret and cannot drive the terminal', () => {
    expect(fresh(true).line(still(5000, '  API_TOKEN=abcdefgh \u202e\x1b[2J  '))).toBe(
      '· backend is still starting after 5 s: API_TOKEN=*** \\u202e^[[2J\n',
    );
  });

  test('that is a crash loop below the service names what is started anew', () => {
    const notice = { kind: 'keeps-restarting', command: 'python3 work.py --token abcdefgh', times: 3, withinMs: 1800 } as const;
    expect(fresh(true).line({ type: 'notice', seq: 1, atMs: NOW, service: 'backend', notice })).toBe(
      '! warning: backend keeps starting a process that ends (at least 3 times in 1.8 s): python3 work.py --token ***\n',
    );
  });
});

describe('progress as a task tree', () => {
  async function tree(columns = 60): Promise<{ written: () => string; tree: Awaited<ReturnType<typeof startTaskTree>> }> {
    let written = '';
    const started = await startTaskTree({
      services: SERVICES,
      colour: false,
      columns,
      rows: 24,
      viewer: VIEWER,
      write: (text) => {
        written += text;
      },
    });
    return { written: () => written, tree: started };
  }

  /** The text that stays on the screen: after lines were last taken back. */
  function lastFrame(written: string): string[] {
    const frame = written.split(/\x1b\[(?:\d*[AGK]|\?25[lh])/).filter((part) => part.trim() !== '');
    return (frame.at(-1) ?? '').trimEnd().split('\n');
  }

  test('one line per service, with its final state; the cursor is hidden and shown again', async () => {
    const { tree: drawn, written } = await tree();
    drawn.push(state({ state: 'starting', afterMs: 0 }));
    drawn.push(state({}));
    drawn.push(state({ service: 'web', state: 'failed', pid: null, afterMs: null, problem: FAILURES.E103 }));
    await drawn.end();
    expect(lastFrame(written())).toEqual([
      '✔ 8000 backend   ready       2.1 s  http://localhost:8000',
      '✖  500 web       failed     web cannot start: its folder …',
    ]);
    for (const columns of [40, 50, 57]) {
      const narrow = await tree(columns);
      narrow.tree.push(state({}));
      await narrow.tree.end();
      expect(lastFrame(narrow.written())[0], String(columns)).toBe('✔ 8000 backend   ready       2.1 s');
    }
    expect(written().lastIndexOf('\x1b[?25h')).toBeGreaterThan(written().lastIndexOf('\x1b[?25l'));
  });

  test('the holder of a port stands below its service, later messages below the tree', async () => {
    const { tree: drawn, written } = await tree(200);
    drawn.push(state({ state: 'starting', afterMs: 0 }));
    // The tasks of the tree begin in the next turns of the event loop.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    drawn.push({ type: 'port', seq: 1, atMs: NOW, service: 'backend', port: 8000, action: 'freeing', holders: [HOLDER], ports: [] });
    drawn.push(state({}));
    drawn.push({ type: 'notice', seq: 1, atMs: NOW, service: null, notice: { kind: 'running-as-root', configOwner: null } });
    await drawn.end();
    expect(written()).toMatch(/8000 backend {3}ready .*\n.*! warning: 8000 backend {2}held by python3 \(pid 4121, you, 3h12m\)/);
    expect(written()).toMatch(/\x1b\[\?25h! warning: running as root: every service runs as root\n$/);
  });

  test('a slow start shows why and its last line, cut to the width, until the service is ready', async () => {
    const { tree: drawn, written } = await tree(60);
    drawn.push(state({ state: 'starting', afterMs: 0 }));
    drawn.push(still(5000, 'old'));
    drawn.push(still(6000, '起動中'.repeat(20)));
    drawn.push({
      type: 'port',
      seq: 1,
      atMs: NOW,
      service: 'backend',
      port: 8000,
      action: 'listens-elsewhere',
      holders: [],
      ports: [8001],
    });
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    drawn.push(state({ service: 'web', state: 'starting', afterMs: 0 }));
    drawn.push(still(5000, null, 'web'));
    await drawn.end();
    const [backend = '', web] = lastFrame(written());
    expect(backend).toMatch(/^✖ 8000 backend {3}starting {3}listens on 8001, not 8000 {2}[起動中]+…$/);
    expect(width(backend)).toBeLessThanOrEqual(60);
    expect(web).toBe('✖  500 web       starting   it has printed nothing');
    const { tree: next, written: then } = await tree(60);
    next.push(state({ state: 'starting', afterMs: 0 }));
    next.push(still(5000, 'Compiling'));
    next.push(state({}));
    await next.end();
    expect(lastFrame(then())[0]).toBe('✔ 8000 backend   ready       2.1 s  http://localhost:8000');
  });

  test('an aborted start ends at once and shows the cursor again', async () => {
    const { tree: drawn, written } = await tree(40);
    drawn.push(state({ state: 'starting', afterMs: 0 }));
    await drawn.end();
    expect(lastFrame(written())).toEqual(['✖ 8000 backend   starting', '○  500 web       waiting']);
    expect(written().trimEnd().endsWith('\x1b[?25h')).toBe(true);
  });
});
