/**
 * The record of a session's processes on disk, from which the next command finds them if the supervisor has died. A record
 * proves nothing: a process in it counts only if its start time agrees, and a record from another boot is void.
 */
import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../machine/machine.ts';
import type { DaemonTie } from '../model/daemon.ts';
import { unless } from '../model/errno.ts';
import type { RecordFault } from '../model/event.ts';
import { readJson } from '../model/json.ts';
import type { ProcessId } from '../model/port.ts';
import type { RecordedClient } from './engine-client.ts';
import { isProcessId, readSmallFile } from './small-file.ts';

/** A session in another network namespace cannot be reached, but a fresh time in its record shows that it is alive. */
export const TOUCH_MS = 30_000;

export interface SessionRecord {
  readonly format: 1;
  readonly stackId: string;
  /** The session's key, as in the run marker. */
  readonly session: string;
  readonly config: string;
  readonly supervisor: ProcessId;
  readonly version: string;
  readonly bootId: string;
  readonly networkNamespace: string;
  /** By the wall clock; updated while the session is alive. */
  readonly touchedAtMs: number;
  readonly startedAtMs: number;
  readonly guard: ProcessId | null;
  readonly services: readonly {
    readonly name: string;
    readonly main: ProcessId;
    readonly members: readonly ProcessId[];
    readonly ports: readonly number[];
    /** Daemons without a marker that were adopted, for people who look into the record. */
    readonly adopted?: readonly AdoptedDaemon[];
    /** Its clients of container engines; omitted if it has none. */
    readonly clients?: readonly RecordedClient[];
  }[];
}

/** A daemon that was adopted: the port on which it was found, and what tied it to its service. */
export interface AdoptedDaemon extends ProcessId {
  readonly port: number;
  readonly tie: DaemonTie;
}

export function recordFile(folder: string): string {
  return join(folder, 'record.json');
}

/** Null if there is no record or it cannot be trusted. */
export async function readRecord(machine: Machine, folder: string): Promise<SessionRecord | null> {
  const read = await inspectRecord(machine, folder);
  return typeof read === 'string' ? null : read;
}

/** Like `readRecord`, but says why a record cannot be trusted. */
export async function inspectRecord(machine: Machine, folder: string): Promise<SessionRecord | RecordFault | null> {
  const read = readSmallFile(recordFile(folder), machine.uid);
  if (read === null) return null;
  if ('fault' in read) return read.fault;
  const parsed = readJson(read.text);
  if (parsed === undefined) return 'cut-off';
  if (!isRecord(parsed)) return 'no-record';
  return parsed.bootId === (await machine.bootId()) ? parsed : 'other-boot';
}

export async function writeRecord(machine: Machine, folder: string, record: SessionRecord): Promise<void> {
  await machine.writeFileAtomically(recordFile(folder), `${JSON.stringify(record)}\n`);
}

/** Ignores a record that cannot be removed (a folder in its place, a read-only disk), so that the session can end. */
export function removeRecord(folder: string): void {
  unless(['ENOENT', 'EISDIR', 'EPERM', 'EACCES', 'EROFS', 'EIO'], () => unlinkSync(recordFile(folder)));
}

/** Removes the temporary files of supervisors that were killed while writing a record. Only the holder of the lock may call it. */
export function removeUnfinishedRecords(folder: string): void {
  const names = unless(['ENOENT'], () => readdirSync(folder)) ?? [];
  for (const name of names.filter((one) => one.startsWith('record.json.') && one.endsWith('.tmp'))) {
    unless(['ENOENT', 'EACCES', 'EPERM', 'EROFS'], () => unlinkSync(join(folder, name)));
  }
}

function isRecord(value: unknown): value is SessionRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Partial<Record<keyof SessionRecord, unknown>>;
  const texts = [record.stackId, record.session, record.config, record.version, record.bootId, record.networkNamespace];
  return (
    record.format === 1 &&
    texts.every((text) => typeof text === 'string') &&
    typeof record.touchedAtMs === 'number' &&
    typeof record.startedAtMs === 'number' &&
    isProcessId(record.supervisor) &&
    (record.guard === null || isProcessId(record.guard)) &&
    Array.isArray(record.services) &&
    record.services.every(isServiceEntry)
  );
}

function isServiceEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  return (
    typeof entry['name'] === 'string' &&
    isProcessId(entry['main']) &&
    Array.isArray(entry['members']) &&
    entry['members'].every(isProcessId) &&
    Array.isArray(entry['ports']) &&
    entry['ports'].every(Number.isInteger) &&
    (entry['clients'] === undefined || (Array.isArray(entry['clients']) && entry['clients'].every(isClient)))
  );
}

function isClient(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { engine, verb, composeOptions, words, ids, cwd, env, startedAtMs } = value as Record<string, unknown>;
  const lists = [engine, composeOptions, words, ids];
  return (
    lists.every((list) => Array.isArray(list) && list.every((text) => typeof text === 'string')) &&
    (engine as readonly string[]).length > 0 &&
    ['run', 'start', 'compose up', 'compose run'].includes(verb as string) &&
    (ids as readonly string[]).every((id) => /^[0-9a-f]{64}$/.test(id)) &&
    typeof cwd === 'string' &&
    typeof startedAtMs === 'number' &&
    typeof env === 'object' &&
    env !== null &&
    Object.values(env).every((text) => typeof text === 'string')
  );
}
