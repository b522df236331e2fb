/**
 * Checks that an ended session has left no lock, record or temporary file. The rig itself checks processes, ports, sockets and
 * FIFOs. Reports one problem per line; an empty list is a clean world.
 */
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import { processesOfRun, RUN_VARIABLE } from '../../scripts/world.mjs';
import { stackId } from '../../src/model/stack-id.ts';
import { eventually } from './eventually.ts';
import type { Rig } from './rig.ts';

/** Processes that were just killed may take a moment to disappear. */
const DYING_MS = 3000;

/** `except`: processes with the marker that the test itself started and ends later. */
export async function expectCleanWorld(rig: Rig, except: readonly number[] = []): Promise<void> {
  await eventually('a clean world', () => look(rig, except).length === 0, DYING_MS).catch(() => undefined);
  expect(look(rig, except)).toEqual([]);
}

function look(rig: Rig, except: readonly number[]): readonly string[] {
  const living = processesOfRun(rig.env[RUN_VARIABLE] as string, new Set(except)).filter(({ pid }) => !isSquatter(pid));
  return [
    ...living.map(({ pid, command }) => `pid ${pid} lives: ${command}`),
    ...locks(rig),
    ...filesUnder(join(rig.root, '.devup'))
      .filter(isTemporary)
      .map((file) => `${relative(rig.root, file)} was left`),
    ...filesUnder(rig.env['XDG_RUNTIME_DIR'] as string).map((file) => `${file} was left`),
  ];
}

/** Started by the test through the rig, which ends it. */
function isSquatter(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
      .split('\0')
      .some((entry) => entry.startsWith(`${RUN_VARIABLE}=`) && entry.endsWith('.squatter'));
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** The lock is an abstract socket, named by the stack. */
function locks(rig: Rig): readonly string[] {
  const id = stackId(join(rig.root, 'orchestrator.config.json'));
  return readFileSync('/proc/net/unix', 'latin1').includes(`devup-${id}`) ? ['the lock is held'] : [];
}

function isTemporary(file: string): boolean {
  return file.endsWith('.tmp') || file.endsWith('/record.json') || /\/run\//.test(file);
}

function filesUnder(folder: string): readonly string[] {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}
