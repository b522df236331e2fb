import { describe, expect, test } from 'vitest';
import type { PlannedService } from '../../../src/model/plan.ts';
import type { Service } from '../../../src/model/service.ts';
import type { ServiceSnapshot } from '../../../src/model/session.ts';
import { killReport, planTable, portsTable } from '../../../src/render/port-tables.ts';
import { formatBytes, statusTable } from '../../../src/render/status-table.ts';
import { painter, wantsColour } from '../../../src/render/style.ts';
import { table } from '../../../src/render/table.ts';
import { cut, padEnd, width } from '../../../src/render/text.ts';
import { BACKEND, FAILURES, HELD, HIDDEN, HOLDER, NOW, VIEWER } from './samples.ts';

const VIEW = { colour: false, viewer: VIEWER };

describe('tables', () => {
  test('columns line up with wide characters and colours in them', () => {
    const red = painter(true)('red', 'x');
    expect(
      table(
        [{ title: 'NAME' }, { title: 'N', right: true }, { title: 'LAST' }],
        [
          ['日本', '1', 'a'],
          [red, '22', 'b'],
        ],
      ),
    ).toBe(`NAME    N   LAST\n日本    1   a\n${red}      22   b\n`);
  });

  test.each([
    ['abc', 3],
    ['日本', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['👩‍💻', 2],
    ['✔', 1],
    ['⚠️', 2],
    ['🇩🇪', 2],
    ['ﾊﾞ', 2],
    ['क्षि', 2],
    ['\u200b', 0],
    ['\x1b[31mab\x1b[0m', 2],
  ])('the width of %j is %i', (text, cells) => {
    expect(width(text)).toBe(cells);
  });

  test('text is cut by cells, not by characters', () => {
    expect(cut('日本語', 5)).toBe('日本…');
    expect(cut('日本語', 4)).toBe('日…');
    expect(cut('日本語', 2)).toBe('…');
    expect(cut('日本語', 1)).toBe('…');
    expect(cut('a👩‍💻b', 3)).toBe('a…');
    expect(cut('abcdef', 4)).toBe('abc…');
    expect(padEnd('日', 4)).toBe('日  ');
  });

  test('the words in brackets behind a state are explained below the table', () => {
    const snapshot = {
      stack: 'medcor',
      id: '1f',
      config: '/c',
      session: null,
      seq: 1,
      configProblem: null,
    };
    const shown = (services: readonly ServiceSnapshot[]) => statusTable({ ...snapshot, services }, VIEW);
    const stale = { ...BACKEND, stale: true };
    expect(shown([stale, { ...stale, name: 'web', flapping: true }, BACKEND])).toContain(
      '\n(stale)     runs with an earlier config; apply the changes:  devup restart backend web\n' +
        '(flapping)  has become ready and failed again and again:  devup logs web\n',
    );
    expect(shown([BACKEND])).not.toContain('(');
  });

  test('the status shows the real holder of a port, and every problem with its fix', () => {
    const foreign = {
      ...BACKEND,
      name: 'backend2',
      port: 8002,
      state: 'stopped',
      pid: null,
      uptimeMs: null,
      cpuPercent: null,
      memoryBytes: null,
      verdict: 'foreign',
      holders: [{ ...HOLDER, port: 8002, verdict: 'foreign' }],
    } as const;
    const text = statusTable(
      {
        stack: 'medcor',
        id: '1f',
        config: '/c',
        session: { pid: 5100, startedAtMs: NOW - 720_000, version: '0.1.0', key: 'k' },
        seq: 1,
        services: [BACKEND, { ...foreign, problem: FAILURES.E107 }],
        configProblem: null,
      },
      VIEW,
    );
    expect(text).toBe(
      [
        'medcor  running (pid 5100, 12m)',
        'SERVICE    PORT   STATE       PID    OWNER                                    UP    CPU   MEM',
        'backend    8000   ✔ ready     5210   devup                                    12m    2%   96M',
        'backend2   8002   ○ stopped   4121   FOREIGN python3 (pid 4121, you, 3h12m)   -       -     -',
        '',
        'LINKS',
        'backend   Admin   http://localhost:8000/admin/',
        '',
        '! E107 backend runs but no longer listens on 8000: it runs (pid 5210) without a listener, perhaps after a crash or a reload that failed',
        '  fix  devup logs backend  then  devup restart backend  (it is ready again by itself once it listens)',
        '',
      ].join('\n'),
    );
  });

  test('bytes are abbreviated', () => {
    expect([900, 100_663_296, 1_400_000_000].map(formatBytes)).toEqual(['900B', '96M', '1.3G']);
  });

  test('the port table distinguishes free, held and hidden ports', () => {
    const declared = (service: string, port: number) =>
      ({ service, port, category: 'data', state: 'stopped', url: null, localOnly: false }) as const;
    const warnings = [{ kind: 'blocked' }] as const;
    const text = portsTable(
      [
        {
          port: 5432,
          declaration: declared('postgres', 5432),
          state: { port: 5432, kind: 'free' },
          verdict: 'free',
          warnings,
        },
        { port: 8000, declaration: declared('backend', 8000), state: HELD, verdict: 'foreign', warnings: [] },
        { port: 8000, declaration: null, state: HIDDEN, verdict: null, warnings: [] },
      ],
      VIEW,
    );
    expect(text.split('\n').slice(1)).toEqual([
      '5432   postgres   data       stopped   free           -         -',
      '8000   backend    data       stopped   foreign        0.0.0.0   python3 (pid 4121, you, 3h12m)  ~/old/medcor  manage.py runserver',
      '8000   -          -          -         unidentified   0.0.0.0   a process of root holds it, and only root can see which',
      '',
      '! postgres 5432: browsers refuse to open it',
      '  fix  choose another port',
      '',
    ]);
  });

  test('a dry run shows waves, ports, holders and what a claim would do', () => {
    const backend: PlannedService = {
      service: { name: 'backend', ports: [{ name: 'main', port: 8000, required: true }] } as unknown as Service,
      dependencies: [],
      wave: 0,
    };
    const web: PlannedService = {
      service: { name: 'web', ports: [{ name: 'main', port: 5000, required: true }] } as unknown as Service,
      dependencies: [{ service: 'backend', condition: 'ready' }],
      wave: 1,
    };
    const text = planTable(
      { services: [backend, web], waves: [[backend], [web]] },
      [
        { service: 'backend', port: 8000, state: HELD, verdict: 'foreign', action: { kind: 'kill' } },
        { service: 'web', port: 5000, state: { port: 5000, kind: 'free' }, verdict: 'free', action: { kind: 'none' } },
      ],
      VIEW,
    );
    expect(text).toBe(
      [
        'WAVE   SERVICE   AFTER           PORT   CLAIM',
        '1      backend   -               8000   would kill python3 (pid 4121, you, 3h12m)',
        '2      web       backend ready   5000   free',
        '',
      ].join('\n'),
    );
  });

  test('a kill reports every port', () => {
    const killed = [{ pid: 4121, command: 'python3 manage.py runserver', signal: 'SIGTERM' }];
    expect(
      killReport(
        [
          { port: 8002, outcome: 'freed', killed, holders: [], problem: null },
          { port: 8003, outcome: 'was-free', killed: [], holders: [], problem: null },
          { port: 8000, outcome: 'refused', killed: [], holders: [HOLDER], problem: FAILURES.E205 },
        ],
        VIEW,
      ),
    ).toBe(
      '✔ 8002 is free\n  TERM 4121  python3 manage.py runserver\n✔ 8003 was already free\n✖ E205 8000 was not freed\n' +
        '  why  python3 (pid 4121, you, 3h12m)  ~/old/medcor  manage.py runserver: it started this devup, so ending it would end devup\n' +
        '  fix  from another terminal: kill 4121\n',
    );
  });
});

describe('whether to colour', () => {
  test.each([
    [{ noColorFlag: true, env: { FORCE_COLOR: '1' }, isTerminal: true }, false],
    [{ noColorFlag: false, env: { NO_COLOR: '1', FORCE_COLOR: '1' }, isTerminal: true }, false],
    [{ noColorFlag: false, env: { NO_COLOR: '', FORCE_COLOR: '1' }, isTerminal: false }, true],
    [{ noColorFlag: false, env: { FORCE_COLOR: '0' }, isTerminal: true }, false],
    [{ noColorFlag: false, env: { TERM: 'dumb' }, isTerminal: true }, false],
    [{ noColorFlag: false, env: {}, isTerminal: true }, true],
    [{ noColorFlag: false, env: {}, isTerminal: false }, false],
  ])('%j → %s', (o, colour) => {
    expect(wantsColour(o)).toBe(colour);
  });
});
