import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/machine/clock.ts';
import { EventLog } from '../../../src/model/event-log.ts';
import { ServiceOutput } from '../../../src/supervisor/output/output.ts';
import { pipeOf } from '../../../src/supervisor/output/pipe.ts';
import { freeSlots } from '../../rig/free-slots.ts';

const COUNT = 400;

test('a flood waits for the disk, and none of it is dropped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'devup-output-'));
  const events = new EventLog({ wallTime: () => 1 });
  const free = freeSlots();
  const notices = events.subscribe({ pressure: 'drop' });
  const output = new ServiceOutput({
    service: 'web',
    folder,
    events,
    wallTime: () => 1,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  });
  const stdout = new PassThrough();
  output.attach(pipeOf(stdout), pipeOf(new PassThrough()), []);
  // As much as a pipe gives at once.
  const chunk = Buffer.alloc(64 * 1024, 'x');
  let paused = false;
  for (let i = 0; i < COUNT; i++) {
    stdout.write(chunk);
    paused ||= stdout.isPaused();
  }
  expect(paused).toBe(true);
  await new Promise((resolve) => stdout.once('end', resolve).end());
  await output.close();
  const files = readdirSync(folder).filter((file) => !file.endsWith('.idx'));
  expect(files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)).toBe(COUNT * chunk.length);
  expect(freeSlots(), 'all was given back').toBe(free);
  events.close();
  for await (const event of notices) expect(event).not.toMatchObject({ notice: { kind: 'log-degraded' } });
  rmSync(folder, { recursive: true });
});
