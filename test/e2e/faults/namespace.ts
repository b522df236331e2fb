/**
 * Mounts for a test's processes only: a small disk, a read-only home, a hidden tool. Root may make them, and an ordinary user
 * where the system lets users create namespaces (keeping their uid, so that files stay theirs).
 */
import { spawnSync } from 'node:child_process';
import type { Rig } from '../../rig/rig.ts';
import { Running } from '../../rig/running.ts';

const FLAGS = [['-m'], ['-m', '-c', '--keep-caps']].find(
  (flags) => spawnSync('unshare', [...flags, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0,
);

/** Required on CI, as every component is (`DEVUP_REQUIRE_ALL`). */
export const MOUNTS = FLAGS !== undefined || Boolean(process.env['DEVUP_REQUIRE_ALL']);

/** Runs a shell script in a new mount namespace. The process is the script's last `exec`. */
export function inNamespace(rig: Rig, script: string, env: Readonly<Record<string, string>> = {}): Running {
  return new Running('unshare', [...(FLAGS ?? ['-m']), 'sh', '-c', script], { cwd: rig.root, env: { ...rig.env, ...env }, detached: true });
}
