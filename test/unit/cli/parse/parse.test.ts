import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Parsed } from '../../../../src/cli/context.ts';
import { helpAsked, helpText } from '../../../../src/cli/parse/help.ts';
import { parse } from '../../../../src/cli/parse/parse.ts';
import { COMMANDS, GLOBAL_FLAGS } from '../../../../src/cli/specs/command-table.ts';
import type { FlagSpec } from '../../../../src/cli/specs/spec.ts';

function parsed(argv: readonly string[]): Parsed | null {
  const line = parse(argv);
  return line.kind === 'parsed' ? line.parsed : null;
}

function failure(argv: readonly string[]) {
  const line = parse(argv);
  if (line.kind !== 'failure' || line.failure.code !== 'E001') throw new Error(`${argv.join(' ')} was ${line.kind}`);
  return line.failure;
}

const UNDERSTOOD: readonly (readonly [string, Parsed])[] = [
  ['', { command: '', words: [], flags: {}, rest: null }],
  ['--json', { command: '', words: [], flags: { json: true }, rest: null }],
  ['-C sub --no-color', { command: '', words: [], flags: { directory: 'sub', 'no-color': true }, rest: null }],
  ['status', { command: 'status', words: [], flags: {}, rest: null }],
  ['-C sub status backend --json', { command: 'status', words: ['backend'], flags: { directory: 'sub', json: true }, rest: null }],
  ['status --config=other.ts a b', { command: 'status', words: ['a', 'b'], flags: { config: 'other.ts' }, rest: null }],
  ['status -w', { command: 'status', words: [], flags: { watch: true }, rest: null }],
  [
    'start -d --with a --with b,c --no-deps',
    { command: 'start', words: [], flags: { detach: true, with: 'a,b,c', 'no-deps': true }, rest: null },
  ],
  ['start --on-conflict fail --timeout 30s', { command: 'start', words: [], flags: { 'on-conflict': 'fail', timeout: '30s' }, rest: null }],
  ['start --timeout 5 --timeout 6', { command: 'start', words: [], flags: { timeout: '6' }, rest: null }],
  ['kill 8002 3000-3010 :80 -f', { command: 'kill', words: ['8002', '3000-3010', ':80'], flags: { force: true }, rest: null }],
  ['kill --signal int 8002 --timeout=1m', { command: 'kill', words: ['8002'], flags: { signal: 'int', timeout: '1m' }, rest: null }],
  ['logs -fn5 web', { command: 'logs', words: ['web'], flags: { follow: true, lines: '5' }, rest: null }],
  ['logs -n 5 -f', { command: 'logs', words: [], flags: { follow: true, lines: '5' }, rest: null }],
  ['logs --grep --json', { command: 'logs', words: [], flags: { grep: '--json' }, rest: null }],
  ['logs --grep=a=b --no-prefix', { command: 'logs', words: [], flags: { grep: 'a=b', 'no-prefix': true }, rest: null }],
  ['logs --since 10m', { command: 'logs', words: [], flags: { since: '10m' }, rest: null }],
  ['logs -- -f', { command: 'logs', words: ['-f'], flags: {}, rest: null }],
  ['run -- npm test', { command: 'run', words: [], flags: {}, rest: ['npm', 'test'] }],
  ['run web -- npm test --json -- -x', { command: 'run', words: ['web'], flags: {}, rest: ['npm', 'test', '--json', '--', '-x'] }],
  ['run web --timeout 1m', { command: 'run', words: ['web'], flags: { timeout: '1m' }, rest: null }],
  ['exec web --', { command: 'exec', words: ['web'], flags: {}, rest: [] }],
  ['exec --json web -- ls', { command: 'exec', words: ['web'], flags: { json: true }, rest: ['ls'] }],
  ['ports -a', { command: 'ports', words: [], flags: { all: true }, rest: null }],
  ['ports --next 3000-3099 --json', { command: 'ports', words: [], flags: { next: '3000-3099', json: true }, rest: null }],
  ['stop web --with-dependents', { command: 'stop', words: ['web'], flags: { 'with-dependents': true }, rest: null }],
  ['up -d web', { command: 'start', words: ['web'], flags: { detach: true }, rest: null }],
  ['-C sub up', { command: 'start', words: [], flags: { directory: 'sub' }, rest: null }],
  ['down web --with-dependents', { command: 'stop', words: ['web'], flags: { 'with-dependents': true }, rest: null }],
  ['ps --json', { command: 'status', words: [], flags: { json: true }, rest: null }],
  ['logs --tail 5 web', { command: 'logs', words: ['web'], flags: { lines: '5' }, rest: null }],
  ['logs --tail=5 -n 6', { command: 'logs', words: [], flags: { lines: '6' }, rest: null }],
  ['exec web ls', { command: 'exec', words: ['web'], flags: {}, rest: ['ls'] }],
  ['exec web ls -- ls', { command: 'exec', words: ['web'], flags: {}, rest: ['ls', '--', 'ls'] }],
  [
    'exec web --json npm test -- --json -h',
    { command: 'exec', words: ['web'], flags: { json: true }, rest: ['npm', 'test', '--', '--json', '-h'] },
  ],
  ['exec web python -m pdb --help', { command: 'exec', words: ['web'], flags: {}, rest: ['python', '-m', 'pdb', '--help'] }],
  ['debug web python -m pdb x.py', { command: 'debug', words: ['web'], flags: {}, rest: ['python', '-m', 'pdb', 'x.py'] }],
  ['status -', { command: 'status', words: ['-'], flags: {}, rest: null }],
];

const MISTYPED = [
  'strat',
  'statusx',
  'status --jsn',
  'status --watch=yes',
  'status -x',
  'status -wx',
  'kill',
  'kill --signal FOO 80',
  'kill 80 --timeout soon',
  'start --on-conflict maybe',
  'start --timeout',
  'start --with ,',
  'logs -n',
  'logs -n five',
  'logs --grep (',
  'logs --since tomorrow',
  'exec',
  'logs --tail',
  'logs --tail five',
  'ups',
  '--jsn',
  '-x status',
  '-C',
  'start --config',
  'status --no-watch',
  'start --deps',
  'logs --prefix',
  '--color status',
  '--help',
  'start --help',
  'status -h',
  '--version',
  'help',
  'help start',
  'status --version',
];

describe('the parser', () => {
  test.each(UNDERSTOOD)('understands `devup %s`', (line, expected) => {
    expect(parsed(line.split(' ').filter((word) => word !== ''))).toEqual(expected);
  });

  test.each(MISTYPED)('runs nothing of `devup %s`', (line) => {
    expect(parsed(line.split(' '))).toBeNull();
  });

  const allFlags: readonly FlagSpec[] = [...GLOBAL_FLAGS, ...COMMANDS.flatMap(({ flags }) => flags)];
  const token = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...COMMANDS.map(({ name }) => name)) },
    { weight: 6, arbitrary: fc.constantFrom(...allFlags.flatMap(({ long, short }) => [`--${long}`, ...(short ? [`-${short}`] : [])])) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'web',
        '8002',
        '10m',
        '5',
        'kill',
        'fail',
        'TERM',
        '--',
        '-',
        '',
        'a,b',
        '--json=1',
        '--lines=5',
        '-n5',
        '-fn',
        '-fd',
        '--timeout=1s',
        '-wx',
      ),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  );

  test('runs a command line only with words and flags that the command has, and answers every other one', () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 6 }), (argv) => {
        const line = parse(argv);
        if (line.kind === 'failure') expect(line.failure).toMatchObject({ code: 'E001', message: expect.stringMatching(/./) });
        if (line.kind !== 'parsed') return;
        const { command, words, flags, rest } = line.parsed;
        const spec = COMMANDS.find(({ name }) => name === command);
        const known = [...GLOBAL_FLAGS, ...(spec?.flags ?? [])];
        for (const [name, value] of Object.entries(flags)) {
          const flag = known.find(({ long }) => long === name);
          expect(flag, name).toBeDefined();
          expect(typeof value).toBe(flag?.value ? 'string' : 'boolean');
        }
        expect(words.length).toBeGreaterThanOrEqual(spec?.words.least ?? 0);
        expect(words.length).toBeLessThanOrEqual(spec?.words.most ?? 0);
        if (rest !== null) expect(spec?.rest).not.toBe(false);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('a wrong command line', () => {
  test.each([
    ['strat', 'devup start'],
    ['ls', 'devup status'],
    ['top', 'devup status --watch'],
    ['stats web', 'devup status web --watch'],
    ['attach', 'devup debug'],
    ['attach web', 'devup debug web'],
    ['bash web', 'devup exec web'],
    ['strat web --json', 'devup start web'],
    ['serve web', 'devup start web'],
    ['events', 'devup logs --follow'],
    ['rm', 'devup stop'],
    ['config', 'devup check'],
    ['init', 'devup add'],
    ['version', 'devup --version'],
    ['logs --tial 5', '--tail'],
    ['start --detatch', '--detach'],
    ['status --jsn', '--json'],
    ['kill 8002 --dryrun', '--dry-run'],
  ])('`devup %s` is answered with `%s`', (line, suggestion) => {
    expect(failure(line.split(' ')).suggestion).toBe(suggestion);
  });

  test.each([
    ['strat', "unknown command 'strat'"],
    ['strat --jsn', "unknown command 'strat'"],
    ['--jsn strat', "unknown option '--jsn'"],
    ['help strat', "unknown command 'strat'"],
    ['start --detatch', "unknown option '--detatch'"],
    ['kill --focre 80', "unknown option '--focre'"],
    ['status -wx', "unknown option '-x'"],
    ['status --watch=yes', "unknown option '--watch=yes'"],
    ['status --version', "unknown option '--version'"],
    ['kill', 'the <port|from-to|service> is missing'],
    ['exec', 'the <service> is missing'],
    ['check all', "too many arguments for 'check'. Expected 0 arguments but got 1"],
    ['start --timeout', '--timeout needs its <duration>'],
    ['-C', '--directory needs its <dir>'],
    ['start --timeout soon', "--timeout cannot be 'soon': it must be a duration: 500ms, 30s, 2m"],
    ['logs -n five --help', "--lines cannot be 'five': it must be a whole number"],
  ])('`devup %s` gets the error: %s', (line, message) => {
    expect(failure(line.split(' ')).message).toBe(message);
  });

  test.each([
    ['strat', undefined],
    ['start --detatch', 'start'],
    ['--jsn status', 'status'],
    ['kill', 'kill'],
  ])('`devup %s` leads to the help of %s', (line, command) => {
    expect(failure(line.split(' ')).command).toBe(command);
  });

  test('a negative number is left to the command to refuse', () => {
    expect(parsed(['kill', '-5'])?.words).toEqual(['-5']);
    expect(failure(['-5']).message).toBe("unknown option '-5'");
  });

  test('an error about a wrong value names the right ones', () => {
    expect(failure(['kill', '80', '--signal', 'FOO']).message).toContain('TERM, INT');
    expect(failure(['start', '--on-conflict', 'maybe']).message).toContain('kill, ask, fail');
  });
});

describe('the help', () => {
  test.each(['--help', '-h', ...COMMANDS.flatMap(({ name }) => [`${name} --help`, `${name} -h`])])(
    'is what the parser finds asked for by `%s`',
    (line) => {
      const argv = line.split(' ');
      const asked = parse(argv);
      if (asked.kind !== 'help') throw new Error(`${line} was ${asked.kind}`);
      for (const columns of [80, 50]) expect(helpText(asked.command, columns)).toBe(helpAsked(argv, columns));
    },
  );

  test.each([
    ['help', null],
    ['help start', 'start'],
    ['help --json', null],
    ['--help kill', null],
    ['strat --help', null],
    ['kill --help 80', 'kill'],
    ['kill 80 -fh', 'kill'],
    ['kill --focre --help', 'kill'],
    ['run -h -- npm --help', 'run'],
  ])('is requested by `%s`', (line, command) => {
    expect(parse(line.split(' '))).toEqual({ kind: 'help', command });
  });

  test.each(['kill -- --help', 'run -- npm --help'])('is not requested by `%s`', (line) => {
    expect(parsed(line.split(' '))).not.toBeNull();
  });

  test.each(['--version', '--json --version', 'strat --version'])('`%s` asks for the version', (line) => {
    expect(parse(line.split(' '))).toEqual({ kind: 'version' });
  });

  test.each(['', 'status', '--help kill', 'strat --help', 'kill 80 --help', 'run -- npm --help', 'help start'])(
    'is left to the parser for `%s`',
    (line) => {
      expect(helpAsked(line.split(' ').filter((word) => word !== ''))).toBeNull();
    },
  );

  test.each([40, 60, 80, 200])('fits into %i columns if its terms do, and loses no word', (columns) => {
    const words = (text: string) => text.split(/\s+/).join(' ');
    for (const name of [null, ...COMMANDS.map((command) => command.name)]) {
      const text = helpText(name, columns);
      expect(words(text)).toBe(words(helpText(name)));
      const [, described = ''] = text.split('\n\nUsage: ');
      const widest = Math.max(...described.split('\n').map((line) => line.length));
      const term = Math.max(...[...described.matchAll(/^ {2}(\S.*?) {2}/gm)].map(([, found = '']) => found.length));
      if (columns - term - 4 >= 40) expect(widest).toBeLessThanOrEqual(Math.max(columns, 80));
    }
  });

  test.each([null, ...COMMANDS.map(({ name }) => name)])('of %s begins with an example', (name) => {
    expect(helpText(name)).toMatch(new RegExp(`^  devup ${name ?? 'start'}`));
  });

  test.each(COMMANDS.map((command) => [command.name, command] as const))('of %s names every flag', (name, command) => {
    for (const flag of [...command.flags, ...GLOBAL_FLAGS]) expect(helpText(name)).toContain(`--${flag.long}`);
  });

  test.each(COMMANDS.flatMap(({ examples }) => examples.map(([typed]) => typed)))('`%s` can be typed as shown', (typed) => {
    const argv = [...typed.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1);
    expect(parsed(argv)).not.toBeNull();
  });
});
