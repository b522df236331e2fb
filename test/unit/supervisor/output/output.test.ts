import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/machine/clock.ts';
import { EventLog } from '../../../../src/model/event-log.ts';
import { ServiceOutput } from '../../../../src/supervisor/output/output.ts';
import { pipeOf } from '../../../../src/supervisor/output/pipe.ts';
import { FakeClock } from '../../../rig/fake-clock.ts';

describe('the output of a service', () => {
  let folder: string;
  let events: EventLog;
  let output: ServiceOutput;
  let stdout: PassThrough;
  let stderr: PassThrough;
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'devup-output-'));
    events = new EventLog({ wallTime: () => 1, queueBytes: 1000 });
    output = new ServiceOutput({ service: 'web', folder, events, wallTime: () => 1, sleep: (ms, signal) => systemClock.sleep(ms, signal) });
    [stdout, stderr] = [new PassThrough(), new PassThrough()];
  });
  afterEach(async () => {
    await output.close();
    rmSync(folder, { recursive: true });
  });

  test('reaches the log byte for byte, the last lines, and the events with their place in the log', async () => {
    const reader = events.subscribe();
    output.attach(pipeOf(stdout), pipeOf(stderr), []);
    stdout.write('one\n');
    await settle();
    stderr.write(Buffer.from([0xff, 0x0a]));
    await settle();
    await output.flush();
    expect([...readFileSync(join(folder, 'web.log'))]).toEqual([...Buffer.from('one\n'), 0xff, 0x0a]);
    expect(output.lastLines(20)).toEqual(['one', '\ufffd']);
    events.close();
    const seen: unknown[] = [];
    for await (const event of reader) if (event.type === 'output') seen.push([event.stream, event.offset, event.bytes.length]);
    expect(seen).toEqual([
      ['stdout', 0, 4],
      ['stderr', 4, 2],
    ]);
  });

  test('of one pipe for both streams is one text', async () => {
    const reader = events.subscribe();
    const ready = { source: 'is ready', flags: '' };
    output.attach(pipeOf(stdout), null, [ready]);
    stdout.write('it is ');
    await settle();
    stdout.write('ready\nError: lost\n');
    await settle();
    expect(output.logged('is ready', '')).toBe(true);
    expect(output.findFirstError()).toBe('Error: lost');
    events.close();
    const streams: string[] = [];
    for await (const event of reader) if (event.type === 'output') streams.push(event.stream);
    expect(streams).toEqual(['merged', 'merged']);
  });

  test('a pattern matches only output of the requested run', async () => {
    const ready = { source: 'ready', flags: '' };
    output.attach(pipeOf(stdout), pipeOf(stderr), [ready]);
    stdout.write('rea');
    await settle();
    stdout.write('dy\n');
    await settle();
    expect(output.logged('ready', '')).toBe(true);
    const next = new PassThrough();
    output.attach(pipeOf(next), pipeOf(new PassThrough()), [ready]);
    expect(output.logged('ready', '')).toBe(false);
    // An orphan of the previous run still writes.
    stdout.write('ready\n');
    await settle();
    expect(output.logged('ready', '')).toBe(false);
    next.write('ready\n');
    await settle();
    expect(output.logged('ready', '')).toBe(true);
  });

  test('pauses while a lossless reader is behind, and continues when it has caught up', async () => {
    const reader = events.subscribe({ pressure: 'block' })[Symbol.asyncIterator]();
    output.attach(pipeOf(stdout), pipeOf(stderr), []);
    stdout.write(Buffer.alloc(600));
    await settle();
    stdout.write(Buffer.alloc(600));
    await settle();
    stdout.write('later');
    await settle();
    expect(events.lastSeq).toBe(2);
    expect(stdout.isPaused() && stderr.isPaused()).toBe(true);
    for (let i = 0; i < 2; i++) await reader.next();
    await settle();
    expect(events.lastSeq).toBe(3);
    await reader.return?.();
  });

  test('the rest in a pipe is read, within a time limit', async () => {
    output.attach(pipeOf(stdout), pipeOf(stderr), []);
    const clock = new FakeClock();
    const given = output.drained(clock, 200);
    await clock.advance(200);
    await given;
    const drained = output.drained(clock, 200);
    stdout.destroy();
    stderr.destroy();
    await drained;
    expect(clock.pending).toBe(0);
  });
});
