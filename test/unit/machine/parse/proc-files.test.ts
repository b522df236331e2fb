import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCgroup } from '../../../../src/machine/parse/cgroup.ts';
import { parseAuxv, parseBootTimeMs, parseCmdline, parseEnviron, parsePasswd } from '../../../../src/machine/parse/proc-files.ts';
import { anyCharacter } from '../../../rig/any-character.ts';

const word = fc.string({ unit: anyCharacter }).map((text) => text.replaceAll('\0', ''));
const id = '4f1c2d9b8a7e6f5d4c3b2a190807f6e5d4c3b2a190807f6e5d4c3b2a19080706';

describe('the small files of /proc', () => {
  it('contain the arguments, and nothing for the tail of a rewritten title', () => {
    fc.assert(
      fc.property(
        fc.array(
          word.filter((text) => text !== ''),
          { minLength: 1 },
        ),
        (argv) => {
          expect(parseCmdline(`${argv.join('\0')}\0`)).toEqual(argv);
        },
      ),
    );
    expect(parseCmdline('')).toEqual([]);
    expect(parseCmdline('node\0-e\0\0x\0')).toEqual(['node', '-e', '', 'x']);
    expect(parseCmdline('nginx: master process\0\0\0\0\0')).toEqual(['nginx: master process']);
  });

  it('contain one variable, whatever the others hold', () => {
    fc.assert(
      fc.property(fc.array(word), word, (others, value) => {
        const clean = others.filter((entry) => !entry.startsWith('DEVUP_RUN='));
        expect(parseEnviron([...clean, `DEVUP_RUN=${value}`, ''].join('\0'), 'DEVUP_RUN')).toBe(value);
        expect(parseEnviron([...clean, ''].join('\0'), 'DEVUP_RUN')).toBeNull();
      }),
    );
    expect(parseEnviron('XDEVUP_RUN=1\0DEVUP_RUN2=2\0A=\nDEVUP_RUN=3\0', 'DEVUP_RUN')).toBeNull();
  });

  it('name the boot and the users of the system', () => {
    expect(parseBootTimeMs('cpu  1 2 3\nbtime 1795315123\nprocesses 4\n')).toBe(1_795_315_123_000);
    expect(parseBootTimeMs('')).toBeNull();
    expect([...parsePasswd('root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\n+::::::\nbroken\nme:x:1000:1000:::\n')]).toEqual([
      [0, 'root'],
      [1000, 'me'],
    ]);
  });

  it('contain page size and clock ticks of 64-bit and 32-bit machines', () => {
    const wide = Buffer.alloc(48);
    [6, 16384, 17, 100, 0, 0].forEach((value, index) => {
      wide.writeBigUInt64LE(BigInt(value), index * 8);
    });
    const narrow = Buffer.alloc(16);
    [6, 4096, 17, 1024].forEach((value, index) => {
      narrow.writeUInt32BE(value, index * 4);
    });
    expect(parseAuxv(wide, 8, true)).toEqual(
      new Map([
        [6, 16384],
        [17, 100],
        [0, 0],
      ]),
    );
    expect(parseAuxv(narrow, 4, false)).toEqual(
      new Map([
        [6, 4096],
        [17, 1024],
      ]),
    );
  });
});

describe('/proc/PID/cgroup', () => {
  it.each([
    [`0::/system.slice/docker-${id}.scope\n`],
    [`12:pids:/docker/${id}\n1:name=systemd:/docker/${id}\n0::/\n`],
    [`0::/machine.slice/libpod-${id}.scope/container\n`],
    [`0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope\n`],
    [`0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12ab.slice/cri-containerd-${id}.scope\n`],
    [`11:memory:/kubepods/besteffort/pod0a1b2c3d-0000-1111-2222-333344445555/${id}\n`],
  ])('names the container in %j', (text) => {
    expect(parseCgroup(text)).toEqual({ container: '4f1c2d9b8a7e', unit: null });
  });

  it.each([
    ['0::/system.slice/postgresql.service\n', 'postgresql.service'],
    ['0::/system.slice/system-postgresql.slice/postgresql@16-main.service\n', 'postgresql@16-main.service'],
    ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service\n', 'syncthing.service'],
    ['0::/system.slice/docker.service/payload\n', 'docker.service'],
    ['1:name=systemd:/system.slice/redis.service\n0::/\n', 'redis.service'],
    ['0::/user.slice/user-1000.slice/session-3.scope\n', null],
    ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.kde.konsole@1a2b.service\n', null],
    ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-0a1b.scope\n', null],
    ['0::/init.scope\n', null],
    ['0::/\n', null],
    ['', null],
  ])('names the unit that would restart a process in %j: %s', (text, unit) => {
    expect(parseCgroup(text)).toEqual({ container: null, unit });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: anyCharacter }), (text) => void parseCgroup(text)));
  });
});
