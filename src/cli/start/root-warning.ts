/**
 * A session of root runs every service as root, and whoever may write its config decides what these do. Both are said to
 * a person at a terminal; containers and CI run as root on purpose.
 */
import { lstatSync } from 'node:fs';
import type { Target } from '../../app/target.ts';
import { notice } from '../../render/words/notices.ts';
import type { Context } from '../context.ts';
import type { Screen } from '../screen/screen.ts';

/** Says it the first time that it is called. */
export function rootWarning(target: Target, shown: Screen, context: Context): () => Promise<void> {
  let said = context.machine.uid !== 0 || !shown.interactive || shown.json;
  return async () => {
    if (said) return;
    said = true;
    const owner = target.location === null ? undefined : lstatSync(target.location.file, { throwIfNoEntry: false })?.uid;
    const configOwner = owner === undefined || owner === 0 ? null : ((await context.machine.userName(owner)) ?? `uid ${owner}`);
    const facts = { type: 'notice', seq: 0, atMs: 0, service: null, notice: { kind: 'running-as-root', configOwner } } as const;
    await shown.err.write(`! warning: ${notice(facts, shown.viewer)?.text}\n`);
  };
}
