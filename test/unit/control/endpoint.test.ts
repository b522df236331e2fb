import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, type EndpointOptions, ensureFolder, sessionEndpoint } from '../../../src/control/endpoint.ts';
import { darwinPlatform } from '../../../src/machine/darwin.ts';
import { linuxPlatform } from '../../../src/machine/linux.ts';
import { win32Platform } from '../../../src/machine/win32.ts';

const id = '0123456789abcdef';
const uid = process.getuid?.() ?? null;
let home: string;

beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'ep-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function endpoint(options: Partial<EndpointOptions> = {}): Endpoint {
  const result = sessionEndpoint(id, { env: {}, home, uid, platform: linuxPlatform, ...options });
  if (!result.ok) throw new Error(result.failure.code);
  return result.value;
}

describe.skipIf(process.platform === 'win32')('the place of a session', () => {
  test('is in XDG_RUNTIME_DIR when that is a folder of the user', () => {
    expect(endpoint({ env: { XDG_RUNTIME_DIR: home } }).socket).toBe(path.join(home, 'devup', id));
  });

  test.each([
    ['unset', () => undefined],
    ['empty', () => ''],
    ['relative', () => path.relative(process.cwd(), home)],
    ['missing', () => path.join(home, 'nowhere')],
    [
      'a file',
      () => {
        writeFileSync(path.join(home, 'file'), '');
        return path.join(home, 'file');
      },
    ],
    [
      'writable by everybody, like /tmp',
      () => {
        mkdirSync(path.join(home, 'open'));
        chmodSync(path.join(home, 'open'), 0o1777);
        return path.join(home, 'open');
      },
    ],
  ])('is a private folder of the user when XDG_RUNTIME_DIR is %s', (_, make) => {
    expect(endpoint({ env: { XDG_RUNTIME_DIR: make() } }).socket).toBe(path.join(home, '.local/state/devup/run', id));
  });

  test('is a private folder of the user when XDG_RUNTIME_DIR belongs to another one, as after sudo -E', () => {
    expect(endpoint({ env: { XDG_RUNTIME_DIR: home }, uid: 4_000_000 }).folder).toBe(path.join(home, '.local/state/devup/run'));
  });

  test('does not change its lock with XDG_RUNTIME_DIR, and fills an abstract name up so that every Node binds the same one', () => {
    expect(endpoint({ env: { XDG_RUNTIME_DIR: home } }).lock).toBe(endpoint().lock);
    expect(Buffer.byteLength(endpoint().lock)).toBe(108);
    expect(endpoint({ platform: darwinPlatform, env: { XDG_RUNTIME_DIR: home } }).lock).toBe(
      path.join(home, '.local/state/devup/run', `${id}.lock`),
    );
  });

  test('F38: a socket path longer than 103 bytes is refused', () => {
    const room = 103 - Buffer.byteLength(`/.local/state/devup/run/${id}`);
    const fits = `/${'ä'.repeat((room - 1) / 2)}`.padEnd(room - Math.floor((room - 1) / 2), 'x');
    expect(Buffer.byteLength(endpoint({ home: fits }).socket)).toBe(103);
    const result = sessionEndpoint(id, { env: {}, home: `${fits}x`, uid, platform: linuxPlatform });
    expect(result).toMatchObject({ ok: false, failure: { code: 'E405', bytes: 104, limit: 103 } });
  });

  test('is a named pipe on Windows', () => {
    expect(endpoint({ platform: win32Platform, uid: null })).toEqual({
      id,
      socket: `\\\\.\\pipe\\devup-${id}`,
      folder: null,
      lock: `\\\\.\\pipe\\devup-${id}-lock`,
      uid: null,
    });
  });
});

describe.skipIf(process.platform === 'win32')('its folder', () => {
  const run = () => path.join(home, '.local/state/devup/run');
  const make = (mode = 0o700) => mkdirSync(run(), { recursive: true, mode });

  test('F40: the runtime folder is created private to the user, whatever the umask', () => {
    const before = process.umask(0);
    try {
      expect(ensureFolder(endpoint())).toEqual({ ok: true, value: undefined });
    } finally {
      process.umask(before);
    }
    expect(lstatSync(run()).mode & 0o777).toBe(0o700);
    expect(ensureFolder(endpoint())).toEqual({ ok: true, value: undefined });
  });

  test('F39: a runtime folder that is a symlink is refused, even if it leads to a private folder', () => {
    mkdirSync(path.dirname(run()), { recursive: true });
    symlinkSync(home, run());
    expect(ensureFolder(endpoint())).toMatchObject({ failure: { code: 'E407', reason: 'symlink' } });
  });

  test('F39: a runtime folder that is a file is refused', () => {
    mkdirSync(path.dirname(run()), { recursive: true });
    writeFileSync(run(), '');
    expect(ensureFolder(endpoint())).toMatchObject({ failure: { code: 'E407', reason: 'not-a-folder' } });
  });

  test.each([0o710, 0o701, 0o770, 0o777])('F39: a runtime folder with mode %o is refused', (mode) => {
    make();
    chmodSync(run(), mode);
    expect(ensureFolder(endpoint())).toMatchObject({ failure: { code: 'E407', reason: 'open-to-others' } });
  });

  test('F39: a runtime folder of another user is refused', () => {
    make();
    expect(ensureFolder({ ...endpoint(), uid: 4_000_000 })).toMatchObject({ failure: { code: 'E407', reason: 'foreign-owner' } });
  });

  test('that cannot be created is an error with the reason', () => {
    writeFileSync(path.join(home, '.local'), '');
    expect(ensureFolder(endpoint())).toMatchObject({ failure: { code: 'E406', folder: run(), errno: 'ENOTDIR' } });
  });
});
