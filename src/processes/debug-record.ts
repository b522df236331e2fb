/**
 * The records of `devup debug`, one file for each debugged service. From them, with a session or without, every other command knows whose
 * processes have the service's ports. A record by itself proves nothing: the command's pid and start time must agree.
 */
import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../machine/machine.ts';
import type { DebuggedService } from '../model/debugger.ts';
import { isErrno, unless } from '../model/errno.ts';
import { readJson } from '../model/json.ts';
import { type ProcessId, sameProcess } from '../model/port.ts';
import { isProcessId, readSmallFile } from './small-file.ts';

export interface DebugRecord extends DebuggedService {
  readonly format: 1;
  readonly stackId: string;
  readonly bootId: string;
  /** The process that the command runs; null before its spawn. */
  readonly command: ProcessId | null;
  readonly ports: readonly number[];
}

export interface DebugRecords {
  /** The records of commands that are alive. */
  readonly live: readonly DebugRecord[];
  /** The records of commands that were killed, and may have left processes behind. */
  readonly dead: readonly DebugRecord[];
}

/** `folder`: `.devup/<id>`. Files that are not records of this boot are ignored, and so is the record of a service in another's file. */
export async function readDebugRecords(machine: Machine, folder: string): Promise<DebugRecords> {
  const names = unless(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'], () => readdirSync(recordsIn(folder))) ?? [];
  const live: DebugRecord[] = [];
  const dead: DebugRecord[] = [];
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const file = join(recordsIn(folder), name);
    const record = await readDebugRecord(machine, file);
    if (record && file === fileOf(folder, record.service)) ((await isAlive(machine, record)) ? live : dead).push(record);
  }
  return { live, dead };
}

/** The services that are being debugged now. */
export async function readDebugged(machine: Machine, folder: string): Promise<readonly DebuggedService[]> {
  const { live } = await readDebugRecords(machine, folder);
  return live.map(({ service, pid, start, sinceMs }) => ({ service, pid, start, sinceMs }));
}

/** Throws EEXIST if the service has a record. The stack's folder must exist. */
export function createDebugRecord(folder: string, record: DebugRecord): void {
  mkdirSync(recordsIn(folder), { recursive: true, mode: 0o700 });
  const file = fileOf(folder, record.service);
  const text = `${JSON.stringify(record)}\n`;
  // A link appears together with its content; an empty file would be read as broken by another command.
  const whole = `${file}.${record.pid}.new`;
  writeFileSync(whole, text, { mode: 0o600 });
  try {
    linkSync(whole, file);
  } catch (error) {
    if (!isErrno(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } finally {
    rmSync(whole, { force: true });
  }
}

export async function writeDebugRecord(machine: Machine, folder: string, record: DebugRecord): Promise<void> {
  await machine.writeFileAtomically(fileOf(folder, record.service), `${JSON.stringify(record)}\n`);
}

/** Removes the record of this command, but not one that another command has written since. */
export async function removeDebugRecord(machine: Machine, folder: string, { service, pid, start }: DebuggedService): Promise<void> {
  const file = fileOf(folder, service);
  const written = await readDebugRecord(machine, file);
  if (written && sameProcess(written, { pid, start })) unless(['ENOENT', 'EPERM', 'EACCES', 'EROFS', 'EIO'], () => unlinkSync(file));
}

/** Removes a file that is not the service's record by a living command. If another command has written one there meanwhile, it is put back. */
export async function dropDebugRecord(machine: Machine, folder: string, service: string): Promise<void> {
  const file = fileOf(folder, service);
  const aside = `${file}.${machine.pid}.old`;
  unless(['ENOENT'], () => renameSync(file, aside));
  const dropped = await readDebugRecord(machine, aside);
  if (dropped?.service === service && (await isAlive(machine, dropped))) unless(['EEXIST', 'ENOENT', 'EPERM'], () => linkSync(aside, file));
  rmSync(aside, { force: true, recursive: true });
}

export async function isAlive(machine: Machine, { pid, start }: ProcessId): Promise<boolean> {
  return (await machine.process(pid))?.start === start;
}

function recordsIn(folder: string): string {
  return join(folder, 'debug');
}

function fileOf(folder: string, service: string): string {
  return join(recordsIn(folder), `${encodeURIComponent(service).replace(/^\./, '%2e')}.json`);
}

async function readDebugRecord(machine: Machine, file: string): Promise<DebugRecord | null> {
  const read = readSmallFile(file, machine.uid);
  if (read === null || 'fault' in read) return null;
  const parsed = readJson(read.text);
  return isDebugRecord(parsed) && parsed.bootId === (await machine.bootId()) ? parsed : null;
}

function isDebugRecord(value: unknown): value is DebugRecord {
  if (!isProcessId(value)) return false;
  const record: Partial<Record<keyof DebugRecord, unknown>> = value;
  const texts = [record.stackId, record.bootId, record.service];
  return (
    record.format === 1 &&
    texts.every((text) => typeof text === 'string') &&
    typeof record.sinceMs === 'number' &&
    (record.command === null || isProcessId(record.command)) &&
    Array.isArray(record.ports) &&
    record.ports.every(Number.isInteger)
  );
}
