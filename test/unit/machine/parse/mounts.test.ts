import { expect, test } from 'vitest';
import { isOwnerlessIn } from '../../../../src/machine/parse/mounts.ts';

const mountinfo = String.raw`22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 8:17 / /media/me/USB\040STICK rw,nosuid,nodev,relatime shared:9 - vfat /dev/sdb1 rw,uid=1000,gid=1000,fmask=0022,dmask=0022
41 22 0:60 / /mnt/c rw,noatime shared:10 - 9p C:\134 rw,dirsync,aname=drvfs;path=C:\;uid=1000;gid=1000;symlinkroot=/mnt/,cache=5,access=client
42 22 0:61 / /mnt/d rw,noatime - 9p D:\134 rw,aname=drvfs;path=D:\;metadata;symlinkroot=/mnt/,access=client
43 22 0:62 / /srv/shared rw,relatime - 9p hostshare rw,access=client,trans=virtio
44 22 0:63 / /mnt/nas rw,relatime - cifs //nas/me rw,uid=1000,forceuid,gid=1000,forcegid
45 22 0:64 / /mnt/team rw,relatime - cifs //nas/team rw,uid=0,noforceuid,unix
46 22 8:33 / /mnt/windows rw,relatime - fuseblk /dev/sdc1 rw,user_id=0,group_id=0,allow_other
47 22 0:65 / /home/me/remote rw,relatime - fuse.sshfs me@host: rw,user_id=1000,group_id=1000
48 40 8:2 / /media/me/USB\040STICK/inner rw,relatime shared:11 - ext4 /dev/sda2 rw
`;

test.each([
  '/media/me/USB STICK/app/orchestrator.config.ts',
  '/mnt/c/Users/me/app/orchestrator.config.ts',
  '/mnt/nas/orchestrator.config.ts',
  '/mnt/windows',
])('no owners are kept on %s', (file) => {
  expect(isOwnerlessIn(mountinfo, file)).toBe(true);
});

test.each([
  '/tmp/orchestrator.config.ts',
  '/mnt/d/app/orchestrator.config.ts',
  '/mnt/can/app',
  '/srv/shared/orchestrator.config.ts',
  '/mnt/team/orchestrator.config.ts',
  '/home/me/remote/orchestrator.config.ts',
  '/media/me/USB STICK/inner/orchestrator.config.ts',
])('owners are kept on %s, or that is not known', (file) => {
  expect(isOwnerlessIn(mountinfo, file)).toBe(false);
  expect(isOwnerlessIn('nonsense\n - \n', file)).toBe(false);
});
