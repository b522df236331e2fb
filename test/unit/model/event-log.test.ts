import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { releaseBuffer, takeBuffer } from '../../../src/model/buffer-pool.ts';
import type { Event, UnstampedEvent } from '../../../src/model/event.ts';
import { EventLog } from '../../../src/model/event-log.ts';

const wallTime = () => 1_700_000_000_000;
const notice = (text: string): UnstampedEvent => ({ type: 'notice', service: null, notice: { kind: 'log-restored', file: text } });
const output = (bytes: Uint8Array, service = 'web'): UnstampedEvent => ({ type: 'output', service, stream: 'stdout', bytes, offset: 0 });

/** Many newlines and their neighbours, at any alignment. */
const chunk = fc.uint8Array({ maxLength: 400 }).map((bytes) => bytes.map((byte) => (byte < 128 ? 9 + (byte % 3) : byte)));
const happening: fc.Arbitrary<UnstampedEvent> = fc.oneof(
  fc.string({ maxLength: 3 }).map(notice),
  fc.tuple(chunk, fc.nat(7), fc.constantFrom('web', 'api')).map(([bytes, from, service]) => output(bytes.subarray(from), service)),
);
const history = fc.array(happening, { maxLength: 60 });

/** Everything that can be read now: the log has been closed. */
async function rest(events: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const newlines = (event: Event) => (event.type === 'output' ? event.bytes.filter((byte) => byte === 10).length : 0);

describe('the log of events', () => {
  test("numbers events from 1 and stamps them with the clock's time", () => {
    const log = new EventLog({ wallTime });
    expect(log.lastSeq).toBe(0);
    expect(log.append(notice('a'))).toMatchObject({ seq: 1, atMs: 1_700_000_000_000 });
    expect(log.append(notice('b')).seq).toBe(2);
    expect(log.lastSeq).toBe(2);
  });

  test('a reader without `since` sees what happens from its call on, even before it begins to read', async () => {
    const log = new EventLog({ wallTime });
    log.append(notice('before'));
    const events = log.subscribe();
    log.append(notice('after'));
    log.close();
    expect((await rest(events)).map((event) => event.seq)).toEqual([2]);
  });

  test('a blocking reader gets every event once and in order, at any pace', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(happening, fc.nat(3)), { maxLength: 60 }), async (steps) => {
        const log = new EventLog({ wallTime, queueBytes: 300, ringBytes: 100, ringEvents: 2 });
        const events = log.subscribe({ pressure: 'block' })[Symbol.asyncIterator]();
        const appended: Event[] = [];
        const seen: Event[] = [];
        for (const [next, reads] of steps) {
          appended.push(log.append(next));
          for (let i = 0; i < reads && seen.length < appended.length; i++) seen.push((await events.next()).value);
        }
        log.close();
        expect([...seen, ...(await rest({ [Symbol.asyncIterator]: () => events }))]).toEqual(appended);
      }),
    );
  });

  test('a blocking reader holds pooled bytes until it asks for the next event, others as long as they like', async () => {
    const log = new EventLog({ wallTime });
    const blocking = log.subscribe({ pressure: 'block' })[Symbol.asyncIterator]();
    const left = log.subscribe({ pressure: 'block' })[Symbol.asyncIterator]();
    const dropping = log.subscribe()[Symbol.asyncIterator]();
    const size = 64 * 1024;
    /** As a pipe does it: buffers are released when all readers have seen them. */
    const print = (byte: number) => {
      const taken = takeBuffer(new Uint8Array(size).fill(byte));
      log.append(output(taken));
      releaseBuffer(taken);
      return taken;
    };
    const bytes = async (reader: AsyncIterator<Event>) => ((await reader.next()).value as Extract<Event, { type: 'output' }>).bytes;
    const is = (some: Uint8Array, byte: number) => some.every((one) => one === byte);
    const waiting = bytes(dropping);
    print(1);
    print(2);
    const kept = [await waiting, await bytes(dropping)] as const;
    const first = await bytes(blocking);
    print(3);
    expect([is(first, 1), is(await bytes(left), 1)]).toEqual([true, true]);
    const second = await bytes(blocking);
    expect(is(second, 2)).toBe(true);
    await left.return?.();
    await blocking.return?.();
    // All are free: the next ones take their places.
    const again = Array.from({ length: 3 }, (_, i) => takeBuffer(new Uint8Array(size).fill(9 + i)));
    expect(new Set(again.map(({ byteOffset }) => byteOffset)).has(first.byteOffset)).toBe(true);
    expect([is(kept[0], 1), is(kept[1], 2)]).toEqual([true, true]);
    for (const taken of again) releaseBuffer(taken);
    await dropping.return?.();
  });

  test('a reader without output neither gets output nor learns that it was dropped', async () => {
    const log = new EventLog({ wallTime, queueBytes: 100 });
    log.append(output(Buffer.from('before')));
    const events = log.subscribe({ since: 0, without: 'output' });
    log.append(output(new Uint8Array(1000)));
    log.append(notice('after'));
    log.close();
    expect(await rest(events)).toMatchObject([{ type: 'notice', seq: 3 }]);
  });

  test('a slow reader loses only output, its queue is bounded, and missing lines are counted in their place', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 150, max: 2000 }), async (happenings, queueBytes) => {
        const log = new EventLog({ wallTime, queueBytes });
        const events = log.subscribe();
        const appended = happenings.map((next) => log.append(next));
        log.close();
        const seen = await rest(events);
        const isDrop = (event: Event) => event.type === 'notice' && event.notice.kind === 'output-dropped';
        const delivered = seen.filter((event) => !isDrop(event));
        expect(delivered.filter((event) => event.type !== 'output')).toEqual(appended.filter((event) => event.type !== 'output'));
        expect(delivered.reduce((sum, event) => sum + (event.type === 'output' ? event.bytes.length : 0), 0)).toBeLessThanOrEqual(
          queueBytes,
        );
        const seqs = seen.map((event) => event.seq);
        expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
        const kept = new Set(delivered.map((event) => event.seq));
        let from = 0;
        for (const event of seen) {
          if (event.type === 'notice' && event.notice.kind === 'output-dropped') {
            const lost = appended.filter((one) => one.type === 'output' && one.seq > from && one.seq <= event.seq && !kept.has(one.seq));
            expect(event.notice.lines).toBe(
              Math.max(
                1,
                lost.reduce((sum, one) => sum + newlines(one), 0),
              ),
            );
          }
          from = event.seq;
        }
        const lostSeqs = appended.filter((event) => !kept.has(event.seq));
        expect(seen.some(isDrop)).toBe(lostSeqs.length > 0);
      }),
    );
  });

  test('many readers that do not read share what is queued, and together queue a bounded amount', async () => {
    const log = new EventLog({ wallTime });
    const readers = Array.from({ length: 128 }, () => log.subscribe());
    for (let i = 0; i < 32; i++) {
      const taken = takeBuffer(new Uint8Array(64 * 1024).fill(i));
      log.append(output(taken));
      releaseBuffer(taken);
    }
    log.close();
    const read = await Promise.all(readers.map(rest));
    const chunks = read.flatMap((events) => events.flatMap((event) => (event.type === 'output' ? [event.bytes] : [])));
    expect(chunks.length).toBeGreaterThan(0);
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(new Set(chunks.map(({ buffer }) => buffer)).size).toBeLessThan(32);
  });

  test('many readers that ask for the past and do not read queue a bounded amount, the newest of it, and a gap counts the rest', async () => {
    const log = new EventLog({ wallTime });
    for (let i = 0; i < 1024; i++) log.append(output(new Uint8Array(1024).fill(i)));
    const readers = Array.from({ length: 128 }, () => log.subscribe({ since: 0 }));
    const blocking = log.subscribe({ since: 0, pressure: 'block' });
    log.close();
    const read = await Promise.all(readers.map(rest));
    const bytesOf = (events: readonly Event[]) =>
      events.reduce((sum, event) => sum + (event.type === 'output' ? event.bytes.length : 0), 0);
    const all = bytesOf(await rest(blocking));
    expect(all).toBeGreaterThan(900 * 1024);
    expect(bytesOf(read[0] ?? [])).toBe(all);
    expect(bytesOf(read.flat())).toBeLessThanOrEqual(16 * 1024 * 1024);
    for (const events of read) {
      const [gap, ...newest] = events;
      const missed = log.lastSeq - newest.length;
      expect(gap).toMatchObject({ type: 'gap', missed, seq: missed });
      expect(newest.map(({ seq }) => seq)).toEqual(newest.map((_, i) => missed + 1 + i));
    }
  });

  test('`since` replays remembered events; a gap before them counts the forgotten ones', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.nat(70),
        fc.integer({ min: 200, max: 1500 }),
        fc.nat(20),
        async (happenings, since, ringBytes, ringEvents) => {
          const log = new EventLog({ wallTime, ringBytes, ringEvents });
          const appended = happenings.map((next) => log.append(next));
          const events = log.subscribe({ since });
          const later = log.append(notice('later'));
          log.close();
          const seen = await rest(events);
          expect(seen.at(-1)).toEqual(later);
          const gap = seen[0]?.type === 'gap' ? seen[0] : null;
          const replayed = seen.slice(gap ? 1 : 0, -1);
          const wanted = appended.slice(since);
          expect(wanted).toEqual(expect.arrayContaining(replayed));
          expect(replayed.length + (gap?.missed ?? 0)).toBe(wanted.length);
          const others = wanted.filter((event) => event.type !== 'output');
          expect(replayed.filter((event) => event.type !== 'output')).toEqual(ringEvents === 0 ? [] : others.slice(-ringEvents));
          expect(replayed.map((event) => event.seq)).toEqual(replayed.map((event) => event.seq).sort((a, b) => a - b));
        },
      ),
    );
  });

  test('a blocking reader over its limit blocks until it has read half of it, or has gone', async () => {
    const log = new EventLog({ wallTime, queueBytes: 1000 });
    let drained = 0;
    const off = log.onDrain(() => drained++);
    const reader = log.subscribe({ pressure: 'block' })[Symbol.asyncIterator]();
    const leaver = new AbortController();
    log.subscribe({ pressure: 'block', signal: leaver.signal });
    for (let i = 0; i < 6; i++) log.append(output(new Uint8Array(100)));
    expect(log.blocked()).toBe(true);
    for (let i = 0; i < 5; i++) await reader.next();
    expect(log.blocked()).toBe(true);
    expect(drained).toBe(0);
    leaver.abort();
    expect(log.blocked()).toBe(false);
    expect(drained).toBe(1);
    off();
  });

  test('services that flood a reader lose their own lines, never those of a quiet service', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 8 }), async (floods, quiet) => {
        const log = new EventLog({ wallTime, queueBytes: 10_000 });
        const events = log.subscribe({ pressure: 'drop' });
        for (let i = 0; i < 100; i++) for (let flood = 0; flood < floods; flood++) log.append(output(new Uint8Array(200), `flood${flood}`));
        for (let i = 0; i < quiet; i++) log.append(output(new Uint8Array([10]), 'quiet'));
        log.close();
        const seen = await rest(events);
        expect(seen.filter((event) => event.type === 'output' && event.service === 'quiet').length).toBe(quiet);
        const bytes = seen.reduce((sum, event) => sum + (event.type === 'output' ? event.bytes.length : 0), 0);
        expect(bytes).toBeLessThanOrEqual(10_000);
      }),
    );
  });

  test('a dropping reader never blocks', () => {
    const log = new EventLog({ wallTime, queueBytes: 1000 });
    log.subscribe({ pressure: 'drop' });
    for (let i = 0; i < 100; i++) log.append(output(new Uint8Array(1000)));
    expect(log.blocked()).toBe(false);
  });

  test('an abort ends a reader at once, even while it waits', async () => {
    const log = new EventLog({ wallTime });
    const controller = new AbortController();
    const waiting = rest(log.subscribe({ signal: controller.signal }));
    const queued = log.subscribe({ signal: controller.signal });
    await Promise.resolve();
    controller.abort();
    log.append(notice('late'));
    expect(await waiting).toEqual([]);
    expect(await rest(queued)).toEqual([]);
    expect(await rest(log.subscribe({ since: 0, signal: controller.signal }))).toEqual([]);
  });

  test('a reader that comes after the end gets the remembered events, then ends', async () => {
    const log = new EventLog({ wallTime });
    log.append(notice('last'));
    log.close();
    expect((await rest(log.subscribe({ since: 0 }))).length).toBe(1);
    expect(await rest(log.subscribe())).toEqual([]);
  });
});
