import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { linuxPlatform } from '../../../../../src/machine/linux.ts';
import { win32Platform } from '../../../../../src/machine/win32.ts';
import { argvOf, findProgram, searchPath } from '../../../../../src/supervisor/service/process/command-line.ts';
import { parseSimpleCommand } from '../../../../../src/supervisor/service/process/simple-command.ts';

const line = (text: string) => argvOf({ kind: 'line', line: text }, linuxPlatform);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'devup-command-line-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the command line of a service', () => {
  test('plain words run directly', () => {
    expect(line('npm run dev')).toEqual({ argv: ['npm', 'run', 'dev'], env: {} });
    expect(line(`  node -e 'console.log("a b")'  "x y"z `)).toEqual({ argv: ['node', '-e', 'console.log("a b")', 'x yz'], env: {} });
    expect(line('node a\\ b.js ""')).toEqual({ argv: ['node', 'a b.js', ''], env: {} });
  });

  test('leading assignments become environment variables', () => {
    expect(line(`A=1 B='x y' node s.js C=3`)).toEqual({ argv: ['node', 's.js', 'C=3'], env: { A: '1', B: 'x y' } });
    expect(line(`"A"=1 node`).argv[0]).toBe('A=1');
  });

  test('shell syntax in one command runs behind exec, so that no shell remains', () => {
    expect(line('node $FILE').argv).toEqual(['sh', '-c', 'exec node $FILE']);
    expect(line('A="x $Y" node s.js >log 2>&1').argv).toEqual(['sh', '-c', 'A="x $Y" exec node s.js >log 2>&1']);
  });

  test.each([
    'cd app && node x',
    'node x | cat',
    'node x; node y',
    'node x &',
    'node $(cat f)',
    '(node x)',
    'if true; then node x; fi',
    'exec node $X',
    'A=1 B=$C',
    '> log node $x',
    'echo $HOME',
    `node \\' $X ; rm \\'`,
    'node x # $Y',
    `node 'open`,
  ])('shell syntax is left to a shell as written: %s', (text) => {
    expect(line(text)).toEqual({ argv: ['sh', '-c', text], env: {} });
  });

  test('an argv is never passed to a shell', () => {
    expect(argvOf({ kind: 'argv', argv: ['a b', '$X', '&&'] }, linuxPlatform).argv).toEqual(['a b', '$X', '&&']);
  });

  /** Prints its arguments and two variables: what a service would see. */
  const SHOW = `#!/bin/sh\nprintf '<%s>' "$#" "$@" "\${A-none}" "\${B-none}"\n`;

  function seen(argv: readonly string[], env: Readonly<Record<string, string>>): string {
    const [file, ...args] = argv as [string, ...string[]];
    const result = spawnSync(file, args, {
      encoding: 'utf8',
      cwd: folder,
      env: { PATH: `${folder}${delimiter}${process.env['PATH']}`, X: 'e x', ...env },
    });
    return result.stdout;
  }

  test('for any line, the service gets what sh would give it', () => {
    writeFileSync(join(folder, 'show'), SHOW);
    chmodSync(join(folder, 'show'), 0o755);
    const piece = fc.oneof(
      fc.constantFrom(
        'a',
        'b-c',
        '=',
        'A=1',
        '--x=y',
        ' ',
        '\t',
        "'q r'",
        '"d e"',
        '\\ ',
        '\\"',
        "\\'",
        '"\\$"',
        '"\\a"',
        '$X',
        '"$X"',
        '#',
        'é',
        '\u00a0',
        '%',
        '^',
      ),
      fc.stringMatching(/^[a-z0-9 ='"\\.,:@/+-]{0,4}$/),
    );
    const assignments = fc.constantFrom('', 'A=1 ', `A='1 2' `, 'B="$X y" ', 'A=1 B=\\  ');
    fc.assert(
      fc.property(assignments, fc.array(piece, { maxLength: 6 }), (before, pieces) => {
        const text = `${before}show ${pieces.join('')}`;
        const { argv, env } = line(text);
        expect(seen(argv, env)).toBe(seen(['sh', '-c', text], {}));
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  test('plain words stay unchanged, quoted or not', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_./:@%+,-]{1,8}$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, fc.constantFrom('', "'", '"')), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(' ', '\t', '  '),
        (words, gap) => {
          const text = words.map(([value, quote]) => quote + value + quote).join(gap);
          expect(parseSimpleCommand(text)?.map((each) => each.text)).toEqual(words.map(([value]) => value));
        },
      ),
    );
  });
});

describe('on Windows', () => {
  test('a line goes to cmd.exe as written', () => {
    vi.stubEnv('ComSpec', 'C:\\Windows\\cmd.exe');
    const { argv, env } = argvOf({ kind: 'line', line: 'set A=1 && node "x y.js"' }, win32Platform);
    expect(argv).toEqual(['C:\\Windows\\cmd.exe', '/d', '/s', '/c', '"set A=1 && node "x y.js""']);
    expect(env).toEqual({});
  });

  test('a program is found without its extension, and in Scripts of a virtual environment', () => {
    const scripts = join(folder, '.venv', 'Scripts');
    mkdirSync(scripts, { recursive: true });
    writeFileSync(join(scripts, 'serve.exe'), '', { mode: 0o755 });
    const path = searchPath(folder, '', win32Platform);
    expect(findProgram('serve', folder, path, win32Platform)).toEqual({ file: join(scripts, 'serve.exe') });
    expect(findProgram('serve', folder, path, linuxPlatform)).toBeNull();
  });
});

describe('the PATH of a service', () => {
  test('node_modules/.bin, .venv/bin and venv/bin from the folder upward come before PATH, nearest first', () => {
    const inner = join(folder, 'app', 'web');
    const bins = [
      join(inner, 'node_modules', '.bin'),
      join(folder, 'app', '.venv', 'bin'),
      join(folder, 'app', 'venv', 'bin'),
      join(folder, 'node_modules', '.bin'),
    ];
    for (const bin of bins) mkdirSync(bin, { recursive: true });
    const found = searchPath(inner, '/usr/bin', linuxPlatform).split(delimiter);
    expect(found.slice(0, 3)).toEqual(bins.slice(0, 3));
    expect(found).toContain(bins[3]);
    expect(found.at(-1)).toBe('/usr/bin');
  });

  test('a file that is not executable is distinguished from a missing one', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'tool'), '#!/bin/sh\n', { mode: 0o644 });
    mkdirSync(join(bin, 'folder'));
    symlinkSync('nowhere', join(bin, 'dangling'));
    expect(findProgram('tool', folder, bin, linuxPlatform)).toEqual({ denied: join(bin, 'tool') });
    expect(findProgram('./bin/tool', folder, '', linuxPlatform)).toEqual({ denied: join(bin, 'tool') });
    for (const name of ['missing', 'folder', 'dangling']) expect(findProgram(name, folder, bin, linuxPlatform)).toBeNull();
    chmodSync(join(bin, 'tool'), 0o755);
    expect(findProgram('tool', folder, `${join(folder, 'none')}${delimiter}${bin}`, linuxPlatform)).toEqual({ file: join(bin, 'tool') });
  });
});
