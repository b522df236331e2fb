/** The words of a stop that waits: after a second the services that it waits for, and at once what was killed or left alive. */
import type { Event } from '../../model/event.ts';
import type { Session, Snapshot } from '../../model/session.ts';
import { ProgressLines } from '../../render/lines.ts';
import { stillStopping } from '../../render/words/notices.ts';
import type { Context } from '../context.ts';
import type { Screen } from './screen.ts';

const EVERY_MS = 1000;
/** A wait for the same services is told ever more rarely. */
const NEXT_AFTER = 5;
/** The events before the reply arrive on another connection. */
const CATCH_UP_MS = 15_000;

export interface StopProgress {
  /** To be called after the reply. `ended`: the session is over, and so are its events. */
  over(ended: boolean): Promise<void>;
}

/** Call it before the order is sent, so that no event is missed. */
export function showStop(session: Session, first: Snapshot, shown: Screen, { machine: { clock } }: Context): StopProgress {
  const lines = new ProgressLines({ services: [], colour: shown.errColour, viewer: shown.viewer });
  const stopping = new Set(first.services.filter(({ state }) => state === 'stopping').map(({ name }) => name));
  const leaving = new AbortController();
  const events = session.events({ signal: leaving.signal });
  let seen = first.seq;
  let told: () => void = () => undefined;
  const reading = (async () => {
    for await (const event of events) {
      if (event.type === 'state' && event.state === 'stopping') stopping.add(event.service);
      else if (event.type === 'state') stopping.delete(event.service);
      if (isTold(event)) void shown.err.write(lines.line(event));
      seen = event.seq;
      told();
    }
  })();
  const waiting = (async () => {
    let before = '';
    let nextMs = 0;
    for (let sinceMs = EVERY_MS; ; sinceMs += EVERY_MS) {
      await clock.sleep(EVERY_MS, leaving.signal);
      const names = [...stopping];
      if (names.length === 0 || (names.join() === before && sinceMs < nextMs)) continue;
      before = names.join();
      nextMs = sinceMs * NEXT_AFTER;
      void shown.err.write(lines.say(stillStopping(names, sinceMs)));
    }
  })().catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  const caughtUp = async () => {
    const now = await session.snapshot();
    while (now.ok && seen < now.value.seq) {
      await new Promise<void>((resolve) => {
        told = resolve;
      });
    }
  };
  return {
    async over(ended) {
      const limit = clock.sleep(CATCH_UP_MS, leaving.signal).catch(() => undefined);
      await Promise.race([ended ? reading : caughtUp(), reading, limit]);
      leaving.abort();
      await Promise.all([reading, waiting, limit]);
    },
  };
}

/** E113: the service's own stop command has failed, or its container engine. Other failures come with the reply. */
function isTold(event: Event): boolean {
  if (event.type !== 'notice') return false;
  const { notice } = event;
  return ['forced', 'left-alive', 'daemon-left'].includes(notice.kind) || (notice.kind === 'failure' && notice.failure.code === 'E113');
}
