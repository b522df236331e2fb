import { describe, expect, test } from 'vitest';
import { COMMANDS, GLOBAL_FLAGS } from '../../../src/cli/specs/command-table.ts';
import { darwinPlatform } from '../../../src/machine/darwin.ts';
import { win32Platform } from '../../../src/machine/win32.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { configProblem } from '../../../src/render/words/configs.ts';
import { describeHolder } from '../../../src/render/words/holder.ts';
import { hidden, refusal } from '../../../src/render/words/refusal.ts';
import type { Viewer } from '../../../src/render/words/viewer.ts';
import { FAILURE_CODES, formatFailure, words } from '../../../src/render/words.ts';
import { FAILURES, HIDDEN, HIDDEN_REASONS, HOLDER, REFUSE_REASONS, VIEWER } from './samples.ts';

describe('failures', () => {
  test('a service on the wrong port: what, why and fix, word for word', () => {
    expect(formatFailure({ ...FAILURES.E104, lastLines: [] }, { viewer: VIEWER, colour: false })).toBe(
      'error E104: backend did not become ready in 60 s\n' +
        'why  it runs (pid 5210) but listens on 8001, not 8000\n' +
        'fix  make it listen on 8000 (its environment has PORT=8000; use ${port} in its command), or change the port of backend in the config\n',
    );
  });

  test.each(FAILURE_CODES)('%s has a fix, without line breaks and control characters', (code) => {
    const said = words(FAILURES[code], VIEWER);
    expect(said.code).toBe(code);
    expect(said.what.length).toBeGreaterThan(10);
    expect(said.fix ?? '').not.toBe('');
    for (const text of [said.what, said.why ?? '', said.fix ?? '', ...(said.details ?? [])]) {
      expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f]|undefined|NaN|\[object/);
      expect(text.trimEnd()).toBe(text);
    }
  });

  test.each([
    ['EMFILE', 'spawn /usr/bin/node EMFILE', 'spawn /usr/bin/node EMFILE', /ulimit -n/],
    [
      'EMFILE',
      'it would take the last descriptors (the limit is 64)',
      'EMFILE: it would take the last descriptors (the limit is 64)',
      /ulimit -n/,
    ],
    ['ENFILE', 'spawn node ENFILE', 'spawn node ENFILE', /ulimit -a/],
    ['ENOEXEC', 'spawn ./x ENOEXEC', 'spawn ./x ENOEXEC', /correct `command`/],
  ])('an error code of the system is said once: %s, %s', (errno, message, why, fix) => {
    const said = words({ ...FAILURES.E105, errno, message }, VIEWER);
    expect(said.why).toBe(why);
    expect(said.fix).toMatch(fix);
  });

  test('nothing of home is spelled out, and the holder is you', () => {
    expect(describeHolder(HOLDER, VIEWER)).toBe('python3 (pid 4121, you, 3h12m)  ~/old/medcor  manage.py runserver');
    expect(describeHolder({ ...HOLDER, uid: 0, user: 'root', cwd: null }, VIEWER)).toBe(
      'python3 (pid 4121, root, 3h12m)  manage.py runserver',
    );
    expect(describeHolder(HOLDER)).toBe('python3 (pid 4121, me)  /home/me/old/medcor  manage.py runserver');
  });

  test('hostile output of a service does not control the terminal', () => {
    const failure: Failure = { ...FAILURES.E101, lastLines: ['no module\t\x1b[2J'] };
    expect(formatFailure(failure, { viewer: VIEWER, colour: false })).toContain('no module    ^[[2J');
  });

  test.each([
    [
      { name: 'nginx', executable: '/usr/sbin/nginx' },
      "keep web in the foreground (`daemon off;` (nginx -g 'daemon off;')), then devup kill 8000",
    ],
    [{ name: 'redis-server' }, 'keep web in the foreground (`--daemonize no`), then devup kill 8000'],
    [{ name: 'gunicorn: maste' }, 'keep web in the foreground (no `-D` or `--daemon`), then devup kill 8000'],
    [{ name: 'shopd' }, 'keep web in the foreground (most programs have a flag for that), then devup kill 8000'],
    [{ container: 'db' }, "run the container of web without -d, and name it: listener: { container: 'db' }"],
    [{ unit: 'nginx.service' }, 'remove the command of web, so that it is external: nginx.service is run by the system'],
  ])('a daemon that is not certain to be the service’s is named: %j', (differs, fix) => {
    const holder = { ...HOLDER, executable: null, argv: [], ...differs };
    const failure: Failure = { ...FAILURES.E101, exitCode: 0, left: [{ holder, port: 8000 }] };
    const said = words(failure, VIEWER);
    expect(said.what).toBe('web exited with code 0 before it was ready');
    expect(said.why).toBe(
      `it may have become a daemon: devup cannot be sure that ${holder.name} (pid 4121, you, 3h12m) on 8000 belongs to web, and leaves it alone`,
    );
    expect(said.fix).toBe(fix);
  });

  test('a daemon that cannot be seen is said to be hidden', () => {
    const failure: Failure = {
      ...FAILURES.E101,
      exitCode: 0,
      left: [{ port: 8000, hidden: { kind: 'other-user', uid: 33, user: 'www-data' } }],
    };
    expect(words(failure, VIEWER).why).toMatch(/^it may have become a daemon, but 8000: .*www-data/);
  });

  test('a hostile process name does not control the terminal or break a line', () => {
    const hostile = { ...HOLDER, name: 'a) "b\n,pid=1', command: '\x1b]0;x\x07\u009b2J\u202egpj', argv: ['x'], cwd: '/tmp/\x1bc' };
    expect(describeHolder(hostile, VIEWER)).toBe('a) "b ,pid=1 (pid 4121, you, 3h12m)  /tmp/^[c  ^[]0;x^G\\x9b2J\\u202egpj');
  });

  test('all refused ports of a start are listed, each with its fix', () => {
    const failure: Failure = {
      code: 'E201',
      kind: 'ports-held',
      refusals: [
        {
          service: 'web',
          port: 5000,
          state: { port: 5000, kind: 'held', holders: [HOLDER], addresses: [] },
          because: { refused: REFUSE_REASONS.airplay, holder: HOLDER },
        },
        {
          service: 'backend',
          port: 8000,
          state: HIDDEN,
          because: { refused: { kind: 'unidentified', reason: HIDDEN_REASONS[0] }, holder: null },
        },
      ],
    };
    const { what, details } = words(failure, VIEWER);
    expect(what).toBe('2 ports are held; nothing was started and nothing was killed');
    expect(details).toContain('  fix  System Settings > General > AirDrop & Handoff: turn off AirPlay Receiver');
    expect(details).toContain("  fix  sudo ss -ltnp 'sport = :8000'  then  sudo devup kill 8000");
  });

  test('a holder that another service reuses is named with that service, and the command to type', () => {
    const state = { port: 8001, kind: 'held', holders: [HOLDER], addresses: [] } as const;
    const refusal = { service: 'web', port: 8001, state, because: { reusedBy: 'db' } };
    const { why, fix } = words({ code: 'E201', kind: 'ports-held', refusals: [refusal] }, VIEWER);
    expect(why).toContain('db of this plan reuses it (onConflict: reuse)');
    expect(fix).toContain('devup kill 8001  to let devup start db itself');
  });

  test('a config with one problem is reported with its place', () => {
    const [problem] = FAILURES.E305.problems;
    const one: Failure = { ...FAILURES.E305, problems: problem ? [problem] : [] };
    expect(formatFailure(one, { viewer: VIEWER, colour: false })).toBe(
      'error E305: ~/app/orchestrator.config.yaml:4:9 has a problem\n' +
        'why  services.web.port  must be a whole number between 1 and 65535, got "80x"\n' +
        'fix  correct it and try again\n',
    );
  });

  test('a config that threw is distinguished from one that cannot be read', () => {
    const stack = 'TypeError: x is not a function\n    at /home/me/app/orchestrator.config.ts:3:1';
    const said = words({ ...FAILURES.E302, message: 'x is not a function', stack }, VIEWER);
    expect(said.what).toBe('~/app/orchestrator.config.ts:3:7 failed to load');
    expect(said.why).toBe('TypeError: x is not a function');
    expect(words(FAILURES.E302, VIEWER).what).toBe('~/app/orchestrator.config.ts:3:7 cannot be read');
  });

  test('every suggested command is one that devup knows', () => {
    const flagsOf = new Map<string, readonly string[]>(
      COMMANDS.map(({ name, flags }) => [name, [...flags, ...GLOBAL_FLAGS].map(({ long }) => `--${long}`)]),
    );
    const fixes = [
      ...Object.values(FAILURES).map((failure) => words(failure, VIEWER).fix ?? ''),
      ...Object.values(REFUSE_REASONS).map((reason) => refusal(reason, HOLDER, 8000, VIEWER).fix),
      ...HIDDEN_REASONS.map((reason) => hidden(reason, 8000, VIEWER).fix),
    ];
    const wrong = fixes.flatMap((fix) => {
      // A flag without a command before it belongs to any command; arguments of `systemctl` and `git config` are their own.
      let command = '';
      return [
        ...fix.replace(/(systemctl|git config) .*/, '').matchAll(/devup (?:-C (?:'[^']*'|\S+) )?([a-z]+)|(start) with|(--[a-z-]+)/g),
      ].flatMap(([text, typed, start, flag]) => {
        command = typed ?? start ?? command;
        const flags = command === '' ? ['--help', ...[...flagsOf.values()].flat()] : (flagsOf.get(command) ?? null);
        return flags === null || (flag !== undefined && !flags.includes(flag)) ? [`${text} in: ${fix}`] : [];
      });
    });
    expect(wrong).toEqual([]);
  });

  test('a path to paste into a shell is quoted if necessary, and then without a tilde', () => {
    const unsafe = (folder: string) => words({ ...FAILURES.E407, folder, reason: 'open-to-others' }, VIEWER).fix;
    expect(unsafe('/home/me/app/.devup')).toBe('chmod 700 ~/app/.devup');
    expect(unsafe("/home/me/it's mine/.devup")).toBe(`chmod 700 '/home/me/it'\\''s mine/.devup'`);
  });

  test('a start without its launcher, and a file that no process could read again, are told in full', () => {
    expect(words({ ...FAILURES.E115, by: null }).why).toBe('by its launcher, which is gone');
    expect(words({ ...FAILURES.E302, message: { kind: 'no-process', errno: 'EAGAIN' } }).why).toBe(
      'no process could be started to read it again (EAGAIN)',
    );
  });

  test.each([
    [{ kind: 'unchanged' } as const, 'would not change'],
    [
      { kind: 'not-loading', failure: FAILURES.E304 } as const,
      /^would not load any more: the config, or a module that it imports, called process/,
    ],
    [{ kind: 'other-services' } as const, 'would not load the service as written'],
  ])('an edited config that is no good: %o', (why, text) => {
    const { what } = words({ ...FAILURES.E503, file: 'x.json', line: null, why });
    expect(what.replace('billing was not added: x.json ', '')).toMatch(text);
  });

  test('a config problem stands at its place', () => {
    const [, problem] = FAILURES.E305.problems;
    expect(problem && configProblem(problem, '/home/me/app/orchestrator.config.yaml')).toBe(
      'orchestrator.config.yaml:6:9  services.web.dependsOn  names a service that does not exist, got "bakend" (did you mean backend?)',
    );
  });
});

describe('a command that is proposed is one of the system', () => {
  const bound = { kind: 'bound-not-listening' } as const;
  const others = { kind: 'other-user', uid: 0, user: 'root' } as const;
  const outgoing = { kind: 'outgoing', holders: [], remote: '10.0.0.1:443' } as const;
  const low = { kind: 'no-permission' } as const;
  const fixes = (viewer: Viewer) => [bound, others, outgoing, low].map((reason) => hidden(reason, 8000, viewer).fix);

  test('Linux', () => {
    expect(fixes(VIEWER)).toEqual([
      "find it: sudo ss -tanp 'sport = :8000'",
      "sudo ss -ltnp 'sport = :8000'  then  sudo devup kill 8000",
      'wait until that connection ends, or reserve the port: sudo sysctl net.ipv4.ip_local_reserved_ports=8000',
      'use a port above 1023, or allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=8000',
    ]);
    expect(refusal(REFUSE_REASONS.ancestor, HOLDER, 8000, VIEWER).fix).toBe('from another terminal: kill 4121');
  });

  test.each([
    ['macOS', darwinPlatform, ['sudo lsof', 'sudo devup kill 8000']],
    ['Windows', win32Platform, ['netstat', 'devup kill 8000  as administrator']],
  ])('%s', (_name, { commands }, parts) => {
    const viewer = { ...VIEWER, commands };
    const all = [...fixes(viewer), refusal(REFUSE_REASONS['other-user'], HOLDER, 8000, viewer).fix].join('\n');
    for (const part of parts) expect(all).toContain(part);
    expect(all).not.toMatch(/\bss -|sysctl/);
  });

  test('Windows has neither root nor kill', () => {
    const viewer = { ...VIEWER, commands: win32Platform.commands };
    const said = [
      ...Object.values(REFUSE_REASONS).map((reason) => refusal(reason, HOLDER, 8000, viewer)),
      ...HIDDEN_REASONS.map((reason) => hidden(reason, 8000, viewer)),
      words(FAILURES.E110, viewer),
      words({ ...FAILURES.E202, respawnedBy: HOLDER }, viewer),
    ];
    const text = said.map(({ why, fix }) => `${why} ${fix}`).join('\n');
    expect(text).not.toMatch(/sudo|only root|(?<!devup |task)kill \d/);
    expect(text).toContain('taskkill /F /PID 4121');
  });
});

describe('a process that is never killed', () => {
  test.each(Object.values(REFUSE_REASONS).map((reason) => [reason.kind, reason] as const))(
    '%s: why, and what to do instead',
    (_kind, reason) => {
      const { why, fix } = refusal(reason, HOLDER, 8000, VIEWER);
      expect(why).not.toBe('');
      expect(fix).not.toBe('');
    },
  );

  test.each([
    ['permission denied', 'docker stop db  (docker answered: permission denied)'],
    [null, 'docker stop db  (docker is gone)'],
  ])('a container that its engine did not stop, saying %o', (said, fix) => {
    expect(refusal({ ...REFUSE_REASONS.container, tried: { engine: 'docker', said } }, HOLDER, 8000).fix).toBe(fix);
  });

  test('another stack is stopped in its folder, or taken over', () => {
    expect(refusal(REFUSE_REASONS['other-stack'], HOLDER, 8000).fix).toBe(
      "devup -C '/home/me/other app' stop web  or start with --take-over",
    );
  });

  test.each(HIDDEN_REASONS.map((reason) => [reason.kind, reason] as const))('a port that is hidden by %s is explained', (_kind, reason) => {
    expect(hidden(reason, 8000, VIEWER).why).not.toBe('');
    expect(hidden(reason, 8000, VIEWER).fix).toMatch(/8000|again|another port|1023/);
  });

  test('an outgoing connection is explained, without a kill as the fix', () => {
    expect(hidden(HIDDEN_REASONS[2], 8000, VIEWER).why).toContain(
      'python3 (pid 4121, you, 3h12m) uses it as the local end of a connection to 10.0.0.1:443',
    );
    expect(hidden(HIDDEN_REASONS[2], 8000, VIEWER).fix).not.toContain('devup kill');
  });
});
