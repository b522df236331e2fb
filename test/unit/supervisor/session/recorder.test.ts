import { expect, test } from 'vitest';
import { EventLog } from '../../../../src/model/event-log.ts';
import { recordFile, type SessionRecord } from '../../../../src/processes/record.ts';
import { Recorder } from '../../../../src/supervisor/session/recorder.ts';
import { WATCH_MS } from '../../../../src/supervisor/session/ticker.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';

test('the record of a living session is touched every 30 seconds, even if nothing changes', async () => {
  const machine = new FakeMachine();
  const { clock } = machine;
  const folder = '/nowhere/.devup/aaaaaaaaaaaaaaaa';
  const identity = {} as Omit<SessionRecord, 'touchedAtMs' | 'guard' | 'services'>;
  const events = new EventLog({ wallTime: () => clock.wallTime() });
  const recorder = new Recorder({ machine, folder, events, actors: new Map(), identity });
  const touchedAtMs = () => (JSON.parse(machine.files.get(recordFile(folder)) ?? '') as SessionRecord).touchedAtMs;
  await recorder.begin();
  const seen = new Set([touchedAtMs()]);
  for (let waited = 0; waited < 120_000; waited += WATCH_MS) {
    await clock.advance(WATCH_MS);
    recorder.touch();
    await clock.advance(100);
    seen.add(touchedAtMs());
    expect(clock.wallTime() - touchedAtMs()).toBeLessThan(40_000);
  }
  // Often enough and not more often: it is written to disk.
  expect(seen.size).toBeGreaterThan(3);
  expect(seen.size).toBeLessThan(6);
});
