/**
 * Warns that a session of root runs every service as root, and that the config's owner decides what they do. Only at a
 * terminal: containers and CI run as root on purpose.
 */
import { lstatSync } from 'node:fs';
import type { Target } from '../../app/target.ts';
import { notice } from '../../render/words/notices.ts';
import type { Context } from '../context.ts';
import type { Screen } from '../screen/screen.ts';

/** The returned function prints the warning once. */
export function rootWarning(target: Target, shown: Screen, context: Context): () => Promise<void> {
  let isDone = context.machine.uid !== 0 || !shown.interactive || shown.json;
  return async () => {
    if (isDone) return;
    isDone = true;
    const owner = target.location === null ? undefined : lstatSync(target.location.file, { throwIfNoEntry: false })?.uid;
    const configOwner = owner === undefined || owner === 0 ? null : ((await context.machine.userName(owner)) ?? `uid ${owner}`);
    const facts = { type: 'notice', seq: 0, atMs: 0, service: null, notice: { kind: 'running-as-root', configOwner } } as const;
    await shown.err.write(`! warning: ${notice(facts, shown.viewer)?.text}\n`);
  };
}
