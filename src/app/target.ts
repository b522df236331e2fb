/**
 * Finds the stack of a command, and its session. The config is found but not run, so that a broken config does not prevent
 * `status` or `stop`. If the config is gone, the record of its session takes its place.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { isKnownConfig, rememberKnownConfig } from '../config/evaluate/known-configs.ts';
import { type ConfigLocation, findConfig, listFolder } from '../config/find/find.ts';
import { realPath } from '../config/find/real-path.ts';
import { type LoadContext, loadStack } from '../config/load.ts';
import { type ConnectOptions, connect, connectAnyVersion } from '../control/client.ts';
import { type Endpoint, sessionEndpoint } from '../control/endpoint.ts';
import { askLock } from '../control/lock.ts';
import type { RemoteSession } from '../control/remote-session.ts';
import { unless } from '../model/errno.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Stack } from '../model/service.ts';
import { stackId } from '../model/stack-id.ts';
import { readRecord, type SessionRecord } from '../processes/record.ts';
import type { AppContext } from './context.ts';
import { fileOwners } from './file-owners.ts';

export interface Target {
  /** Null if the config is gone and only a session's record was found. */
  readonly location: ConfigLocation | null;
  /** Id of the stack. */
  readonly id: string;
  /** Folder of the config. */
  readonly root: string;
  /** `<root>/.devup/<id>`: records and logs. May not exist. */
  readonly folder: string;
  readonly endpoint: Endpoint;
}

/**
 * `config`: a file relative to the working directory, or null to search upward. Fails with E301 or E302 if there is neither
 * a config nor a record, with E307 for the config of another user, and with E405.
 */
export async function findTarget(config: string | null, context: AppContext): Promise<Result<Target, Failure>> {
  const { cwd, env, home } = context;
  const onSkipped = (file: string, what: string) => context.onWarning?.({ file, line: null, message: `${what} and was skipped` });
  const found = await findConfig({ cwd, explicit: config, env, home, owners: fileOwners(context), onSkipped });
  if (found.ok) return targetOf(found.value, stackId(found.value.file), found.value.root, context);
  const record = await findRecord(found.failure, context);
  return record ? targetOf(null, record.stackId, path.dirname(record.config), context) : found;
}

/** The target of a loaded stack. Fails with E405. */
export function targetOfStack({ id, configFile, root }: Stack, context: AppContext): Result<Target, Failure> {
  return targetOf({ file: configFile, root }, id, root, context);
}

/** Loads the stack from its file. Fails with E301 if the file is gone, and with E302 … E305. */
export async function loadTarget(
  target: Target,
  context: AppContext,
  options: Pick<LoadContext, 'portable' | 'text' | 'envTexts'> = {},
): Promise<Result<Stack, Failure>> {
  if (!target.location) return fail({ code: 'E301', kind: 'config-not-found', from: target.root, stoppedAt: target.root });
  const { env, machine, secrets, version } = context;
  const onWarning = options.portable || !context.onWarning ? {} : { onWarning: context.onWarning };
  const facts = { env, platform: machine.platform, clock: machine.clock, version, ...onWarning };
  rememberKnownConfig(target.location.file, facts);
  const stack = await loadStack(target.location, { ...facts, ...options });
  if (stack.ok) secrets.learn(stack.value);
  return stack;
}

/** Whether the status of the stack can be read without running a config that this user has not run before. */
export async function isKnownTarget({ id, location }: Target, context: AppContext): Promise<boolean> {
  const { env, machine } = context;
  if (location === null || isKnownConfig(location.file, { env, platform: machine.platform })) return true;
  return (await liveSession(context)(id)) !== null;
}

/** Like `connect`, but failures contain the stack's name instead of its id. */
export async function connectTarget(target: Target, context: AppContext): Promise<Result<RemoteSession, Failure>> {
  return withStackName(target, await connect(target.endpoint, context.version, connectOptions(context)), context);
}

/** Like `connectTarget`, for a session of any version of devup. */
export async function connectAnyTarget(
  target: Target,
  context: AppContext,
  options: Pick<ConnectOptions, 'first'> = {},
): Promise<Result<RemoteSession, Failure>> {
  return withStackName(
    target,
    await connectAnyVersion(target.endpoint, context.version, { ...connectOptions(context), ...options }),
    context,
  );
}

/** The session of another stack, of any version; null when none answers. */
export async function connectStack(id: string, context: AppContext): Promise<RemoteSession | null> {
  const session = await reachStack(id, context);
  return session.ok ? session.value : null;
}

/** Like `connectStack`, but returns the failure. */
export async function reachStack(id: string, context: AppContext): Promise<Result<RemoteSession, Failure>> {
  const endpoint = endpointOf(id, context);
  return endpoint.ok ? connectAnyVersion(endpoint.value, context.version, connectOptions(context)) : endpoint;
}

/** Asks the lock of a stack; null if no session runs. The session itself is not asked: it may be waiting for this process. */
export function liveSession(context: AppContext): (id: string) => Promise<{ readonly config: string | null } | null> {
  return async (id) => {
    const endpoint = endpointOf(id, context);
    if (!endpoint.ok) return null;
    const holder = await askLock(endpoint.value);
    if (holder === 'nobody') return null;
    return { config: holder === 'not-answering' ? null : await configOf(id, holder.pid, context) };
  };
}

/** Name of a stack whose config cannot be read. */
export function targetName(target: Target): string {
  return path.basename(target.root) || 'stack';
}

/** The stack's name in its config, which is loaded for that, without its warnings; if it cannot be loaded, as `targetName`. */
export async function declaredName(target: Target, { onWarning: _, ...context }: AppContext): Promise<string> {
  const stack = await loadTarget(target, context);
  return stack.ok ? stack.value.name : targetName(target);
}

function connectOptions({ machine }: AppContext): ConnectOptions {
  return { clock: machine.clock, userName: (uid) => machine.userName(uid) };
}

/** Puts the stack's name into a failure. The pid of a suspended session, which cannot answer, comes from its record. */
async function withStackName<T>(target: Target, result: Result<T, Failure>, { machine }: AppContext): Promise<Result<T, Failure>> {
  if (result.ok || !('stack' in result.failure) || result.failure.stack !== target.id) return result;
  const failure: Failure = { ...result.failure, stack: targetName(target) };
  if (failure.code !== 'E402') return fail(failure);
  const recorded = (await readRecord(machine, target.folder))?.supervisor;
  // Anybody can hold the lock and name any pid, which may also be that of another pid namespace. The record proves it.
  const row = recorded && (failure.pid ?? recorded.pid) === recorded.pid ? await machine.process(recorded.pid) : null;
  if (row?.start !== recorded?.start || !row) return fail({ ...failure, pid: null });
  return fail({ ...failure, pid: row.pid, how: row.stopped ? 'stopped' : failure.how });
}

function endpointOf(id: string, { env, home, machine }: AppContext): Result<Endpoint, Failure> {
  return sessionEndpoint(id, { env, home, uid: machine.uid, platform: machine.platform });
}

function targetOf(location: ConfigLocation | null, id: string, root: string, context: AppContext): Result<Target, Failure> {
  const endpoint = endpointOf(id, context);
  if (!endpoint.ok) return endpoint;
  const link = linkAmong(root, id);
  if (link !== null) return fail({ code: 'E407', kind: 'folder-unsafe', folder: link, reason: 'symlink' });
  return ok({ location, id, root, folder: path.join(root, '.devup', id), endpoint: endpoint.value });
}

/** The first of the stack's folders that is a link, which a repository may contain: devup would read and write elsewhere. */
function linkAmong(root: string, id: string): string | null {
  const outer = path.join(root, '.devup');
  const folder = path.join(outer, id);
  const folders = [outer, folder, path.join(folder, 'logs'), path.join(folder, 'debug')];
  const isLink = (one: string) =>
    unless(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'], () => lstatSync(one, { throwIfNoEntry: false })?.isSymbolicLink()) ?? false;
  return folders.find(isLink) ?? null;
}

async function findRecord(failure: Failure, context: AppContext): Promise<SessionRecord | null> {
  if (failure.code === 'E302') {
    // A config that was named and is gone still identifies its stack, because the stack's id comes from the path.
    const folder = realPath(path.dirname(failure.file));
    const file = folder && path.join(folder, path.basename(failure.file));
    return file ? recordOf(path.dirname(file), stackId(file), context) : null;
  }
  if (failure.code !== 'E301') return null;
  for (let folder = failure.from; ; folder = path.dirname(folder)) {
    const records = await recordsIn(folder, context);
    const [newest] = records.toSorted((a, b) => b.touchedAtMs - a.touchedAtMs);
    if (newest) return newest;
    if (folder === failure.stoppedAt || path.dirname(folder) === folder) return null;
  }
}

async function recordsIn(folder: string, context: AppContext): Promise<readonly SessionRecord[]> {
  const records: SessionRecord[] = [];
  for (const id of listFolder(path.join(folder, '.devup'))) {
    const record = await recordOf(folder, id, context);
    if (record) records.push(record);
  }
  return records;
}

/** A record is valid only where its session wrote it: beside its config, under its own id. */
async function recordOf(folder: string, id: string, { machine }: AppContext): Promise<SessionRecord | null> {
  const record = await readRecord(machine, path.join(folder, '.devup', id));
  return record?.stackId === id && stackId(record.config) === id && path.dirname(record.config) === folder ? record : null;
}

/** The supervisor runs in the config's folder or below it, so the record with the config's path is found upward from there. */
async function configOf(id: string, pid: number, context: AppContext): Promise<string | null> {
  const row = await context.machine.process(pid);
  const cwd = row && (await context.machine.details(row))?.cwd;
  if (!cwd) return null;
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const record = await recordOf(folder, id, context);
    if (record) return record.config;
    if (path.dirname(folder) === folder) return null;
  }
}
