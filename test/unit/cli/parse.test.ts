import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { understand } from '../../../src/cli/commander.ts';
import type { Parsed } from '../../../src/cli/context.ts';
import { COMMANDS, GLOBAL_FLAGS } from '../../../src/cli/flags.ts';
import { helpAsked, helpText } from '../../../src/cli/help.ts';
import { parse } from '../../../src/cli/parse.ts';
import type { FlagSpec } from '../../../src/cli/specs/spec.ts';

/** What commander makes of it; null for everything but a command to run. */
function slow(argv: readonly string[]): Parsed | null {
  const understood = understand(argv);
  return understood.kind === 'parsed' ? understood.parsed : null;
}

function failure(argv: readonly string[]) {
  const understood = understand(argv);
  if (understood.kind !== 'failure' || understood.failure.code !== 'E001') throw new Error(`${argv.join(' ')} was ${understood.kind}`);
  return understood.failure;
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
  'exec web ls',
  'exec web ls -- ls',
  '--jsn',
  '-x status',
  '-C',
  '-Cx',
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

describe('the two parsers', () => {
  test.each(UNDERSTOOD)('understand `devup %s` alike', (line, expected) => {
    const argv = line.split(' ').filter((word) => word !== '');
    expect(parse(argv)).toEqual(expected);
    expect(slow(argv)).toEqual(expected);
  });

  test.each(MISTYPED.filter((line) => line !== '-Cx'))('neither runs anything of `devup %s`', (line) => {
    expect(parse(line.split(' '))).toBeNull();
    expect(slow(line.split(' '))).toBeNull();
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

  test('agree on every command line', () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 6 }), (argv) => {
        expect(parse(argv)).toEqual(slow(argv));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('what was typed wrongly', () => {
  test.each([
    ['strat', 'devup start'],
    ['up', 'devup start'],
    ['down', 'devup stop'],
    ['ps', 'devup status'],
    ['start --detatch', '--detach'],
    ['status --jsn', '--json'],
    ['kill 8002 --dryrun', '--dry-run'],
    ['exec web ls', 'devup exec web -- ls'],
  ])('`devup %s` is answered with `%s`', (line, suggestion) => {
    expect(failure(line.split(' ')).suggestion).toBe(suggestion);
  });

  test('a wrong value says what would be right', () => {
    expect(failure(['kill', '80', '--signal', 'FOO']).message).toContain('TERM, INT');
    expect(failure(['start', '--on-conflict', 'maybe']).message).toContain('kill, ask, fail');
  });
});

describe('the help', () => {
  test.each(['--help', '-h', ...COMMANDS.flatMap(({ name }) => [`${name} --help`, `${name} -h`])])(
    'is what commander finds asked for by `%s`',
    (line) => {
      const argv = line.split(' ');
      for (const columns of [80, 50]) expect(understand(argv, columns)).toEqual({ kind: 'help', text: helpAsked(argv, columns) });
    },
  );

  test.each(['', 'status', '--help kill', 'strat --help', 'kill 80 --help', 'run -- npm --help', 'help start'])(
    'is left to commander for `%s`',
    (line) => {
      expect(helpAsked(line.split(' ').filter((word) => word !== ''))).toBeNull();
    },
  );

  test.each([40, 60, 80, 200])('fits into %i columns, if a term does, and loses no word', (columns) => {
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

  test.each(COMMANDS.flatMap(({ examples }) => examples.map(([typed]) => typed)))('`%s` can be typed as it stands there', (typed) => {
    const argv = [...typed.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1);
    expect(parse(argv)).not.toBeNull();
  });
});
