/** `devup status`: shows the services and the holders of their ports, with or without a session. Sends no signals. */
import path from 'node:path';
import { sessionInOtherNamespace } from '../../app/session/other-namespace.ts';
import { namedServices, snapshotFromOutside, stackStatus } from '../../app/status.ts';
import { findTarget, type Target } from '../../app/target.ts';
import type { Failure } from '../../model/failure.ts';
import type { Result } from '../../model/result.ts';
import { countsAsReady } from '../../model/service-state.ts';
import type { Snapshot } from '../../model/session.ts';
import { jsonLine, snapshotJson } from '../../render/json.ts';
import { statusTable } from '../../render/status-table.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag } from '../parse/values.ts';
import { finish } from '../screen/finish.ts';
import { type Screen, screen } from '../screen/screen.ts';

const WATCH_MS = 1000;

/** Exits with 1 if a required or named service is not ready. */
export async function status(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  return target.ok ? statusOf(target.value, parsed, shown, context) : finish(shown, target.failure);
}

export async function statusOf(target: Target, parsed: Parsed, shown: Screen, context: Context): Promise<number> {
  if (parsed.flags['watch'] === true) return watch(target, parsed, shown, context);
  const snapshot = await readStatus(target, parsed, context, shown.json);
  if (!snapshot.ok) return silentStatus(target, parsed, snapshot.failure, shown, context);
  await shown.out.write(draw(snapshot.value, shown, context));
  // A session in another namespace cannot be reached from here.
  const elsewhere = snapshot.value.session ? null : await sessionInOtherNamespace(target, context);
  return finish({ ...shown, json: false }, elsewhere, allUp(snapshot.value, parsed) ? 0 : 1);
}

/** A session that does not answer says nothing of its services, but their ports can be read from the machine. */
async function silentStatus(target: Target, parsed: Parsed, failure: Failure, shown: Screen, context: Context): Promise<number> {
  if (failure.code === 'E402' && !shown.json) {
    const outside = await snapshotFromOutside(target, context, { ownSessionAlive: true });
    const named = outside.ok ? namedServices(parsed.words, outside.value) : outside;
    const viewer = { ...shown.viewer, nowMs: context.machine.clock.wallTime() };
    if (named.ok) await shown.out.write(statusTable(named.value, { colour: shown.outColour, viewer, isSilent: true }));
  }
  return finish(shown, failure);
}

/** The table needs only a brief snapshot; JSON needs a whole snapshot. */
async function readStatus(target: Target, parsed: Parsed, context: Context, whole = false): Promise<Result<Snapshot, Failure>> {
  const snapshot = await stackStatus(target, context, whole ? 'whole' : 'brief');
  return snapshot.ok ? namedServices(parsed.words, snapshot.value) : snapshot;
}

function allUp(snapshot: Snapshot, parsed: Parsed): boolean {
  return snapshot.services.every((service) => countsAsReady(service.state) || (service.optional && !parsed.words.includes(service.name)));
}

function draw(snapshot: Snapshot, shown: Screen, context: Context): string {
  const viewer = { ...shown.viewer, nowMs: context.machine.clock.wallTime() };
  if (shown.json)
    return jsonLine(snapshotJson(snapshot, { viewer, configPath: path.relative(context.cwd, snapshot.config) || snapshot.config }));
  return statusTable(snapshot, { colour: shown.outColour, viewer });
}

/** Redraws until Ctrl-C. Overwrites line by line, so that nothing flickers. */
async function watch(target: Target, parsed: Parsed, shown: Screen, context: Context): Promise<number> {
  if (context.stdout.isTTY !== true || shown.json)
    return finish(shown, { code: 'E001', kind: 'usage', message: '--watch needs a terminal', suggestion: null });
  await shown.out.write('\x1b[2J');
  while (!shown.out.closed.aborted) {
    const snapshot = await readStatus(target, parsed, context);
    if (!snapshot.ok) return finish(shown, snapshot.failure);
    const text = draw(snapshot.value, shown, context);
    await shown.out.write(`\x1b[H${text.replaceAll('\n', '\x1b[K\n')}\x1b[J`);
    await shown.out.flush();
    await context.machine.clock.sleep(WATCH_MS);
  }
  return 0;
}
