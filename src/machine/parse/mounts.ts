/** Finds in `/proc/self/mountinfo` (proc_pid_mountinfo(5)) whether a file's file system keeps owners. */

interface Mount {
  readonly point: string;
  readonly type: string;
  /** Those of the mount and of its file system. */
  readonly options: readonly string[];
}

/** Kinds of file systems on which every file seems to belong to the same user, and anybody may seem to write. */
const OWNERLESS: ReadonlySet<string> = new Set('vfat msdos umsdos exfat ntfs fuseblk vboxsf hfs udf iso9660'.split(' '));

/** `file` is a real path. */
export function isOwnerlessIn(mountinfo: string, file: string): boolean {
  let nearest: Mount | null = null;
  for (const line of mountinfo.split('\n')) {
    const mount = parseMount(line);
    if (!mount || !contains(mount.point, file)) continue;
    // A later mount on the same folder hides the one before it.
    if (!nearest || mount.point.length >= nearest.point.length) nearest = mount;
  }
  return nearest !== null && keepsNoOwners(nearest);
}

function keepsNoOwners({ type, options }: Mount): boolean {
  if (OWNERLESS.has(type)) return true;
  if (type === 'cifs' || type === 'smb3') return options.includes('forceuid');
  if (type === 'ntfs3') return options.some((option) => option.startsWith('uid='));
  // A drive of Windows under WSL; with `metadata` it keeps owners.
  const isDrive = type === 'drvfs' || options.some((option) => option === 'aname=drvfs' || option.startsWith('aname=drvfs;'));
  return isDrive && !options.some((option) => option.split(';').includes('metadata'));
}

function parseMount(line: string): Mount | null {
  const [left = '', right] = line.split(' - ');
  if (right === undefined) return null;
  const [, , , , point = '', mountOptions = ''] = left.split(' ');
  const [type = '', , superOptions = ''] = right.split(' ');
  const unescaped = point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return { point: unescaped, type, options: `${mountOptions},${superOptions}`.split(',') };
}

function contains(folder: string, file: string): boolean {
  return folder === '/' || file === folder || file.startsWith(`${folder}/`);
}
