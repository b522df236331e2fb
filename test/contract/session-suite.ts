/** The contract of every `Session`, in this process or at the other end of a socket, faked or real. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event, OutputEvent, StateEvent } from '../../src/model/event.ts';
import type { EventsOptions, Session, Snapshot, StartOrder } from '../../src/model/session.ts';

/** A stack of `one` and `two`; `two` depends on `one`; both are stopped and start within a moment. */
export interface SessionCase {
  readonly session: Session;
  /** Makes the running service print exactly this on its stdout. */
  print(service: string, bytes: Uint8Array): void | Promise<void>;
  /** Ends everything, in whatever state it is. */
  end(): Promise<void>;
}

export const START: StartOrder = {
  type: 'start',
  services: null,
  with: [],
  profiles: [],
  noDeps: false,
  onConflict: null,
  takeOver: false,
  keepGoing: false,
  timeoutMs: null,
};

export function describeSession(name: string, make: () => Promise<SessionCase>): void {
  describe(`a session (${name})`, () => {
    let given: SessionCase;
    let session: Session;
    const leaving = new Set<AbortController>();

    beforeEach(async () => {
      given = await make();
      session = given.session;
    });
    afterEach(async () => {
      for (const controller of leaving) controller.abort();
      await given.end();
    });

    /** A reader that ends with the test. */
    function reader(options: EventsOptions = {}): AsyncIterator<Event> {
      const controller = new AbortController();
      leaving.add(controller);
      return session.events({ signal: controller.signal, ...options })[Symbol.asyncIterator]();
    }

    async function until(events: AsyncIterator<Event>, wanted: (event: Event) => boolean): Promise<Event[]> {
      const seen: Event[] = [];
      for (;;) {
        const next = await events.next();
        if (next.done) throw new Error(`ended after ${JSON.stringify(seen.map((event) => event.type))}`);
        seen.push(next.value);
        if (wanted(next.value)) return seen;
      }
    }

    async function snapshot(): Promise<Snapshot> {
      const result = await session.snapshot();
      if (!result.ok) throw new Error(result.failure.code);
      return result.value;
    }

    const is = (service: string, state: string) => (event: Event) =>
      event.type === 'state' && event.service === service && event.state === state;
    const states = async () => (await snapshot()).services.map(({ name: service, state }) => [service, state]);

    test('shows its services in declared order, with nothing running at first', async () => {
      expect(await states()).toEqual([
        ['one', 'stopped'],
        ['two', 'stopped'],
      ]);
      expect((await snapshot()).session?.pid).toBeGreaterThan(0);
    });

    test('has a brief snapshot with everything but the details of its own processes', async () => {
      await session.send({ ...START, services: ['one'] });
      const brief = await session.snapshot({ brief: true });
      const whole = await session.snapshot();
      const told = (look: typeof brief) =>
        look.ok
          ? look.value.services.map(({ name, state, pid, verdict, holders }) => ({
              name,
              state,
              pid,
              verdict,
              holders: holders.map((holder) => [holder.pid, holder.start, holder.port, holder.verdict, holder.name, holder.container]),
            }))
          : look;
      expect(told(brief)).toEqual(told(whole));
    });

    test('starts what a service needs before it, and answers when all are ready', async () => {
      const events = reader();
      const reply = await session.send({ ...START, services: ['two'] });
      expect(reply).toMatchObject({ ok: true, value: { started: ['one', 'two'], already: [], ended: false } });
      expect(await states()).toEqual([
        ['one', 'ready'],
        ['two', 'ready'],
      ]);
      const seen = await until(events, is('two', 'ready'));
      const order = seen.filter((event): event is StateEvent => event.type === 'state').map((event) => `${event.service} ${event.state}`);
      expect(order.indexOf('one ready')).toBeGreaterThanOrEqual(0);
      expect(order.indexOf('one ready')).toBeLessThan(order.indexOf('two starting'));
    });

    test('names services that were already up', async () => {
      await session.send({ ...START, services: ['one'] });
      expect(await session.send(START)).toMatchObject({ ok: true, value: { started: ['two'], already: ['one'] } });
    });

    test('answers a start of no service at once, and accepts the next one', async () => {
      expect(await session.send({ ...START, services: [] })).toMatchObject({ ok: true, value: { started: [], already: [] } });
      expect(await session.send({ ...START, services: ['one'] })).toMatchObject({ ok: true, value: { started: ['one'] } });
    });

    test('refuses an unknown service with a suggestion, and starts nothing', async () => {
      const reply = await session.send({ ...START, services: ['one', 'twoo'] });
      expect(reply).toMatchObject({ ok: false, failure: { code: 'E002', name: 'twoo', suggestion: 'two' } });
      expect(await states()).toEqual([
        ['one', 'stopped'],
        ['two', 'stopped'],
      ]);
    });

    test('stops one service, leaves its dependents alone and names them', async () => {
      await session.send(START);
      const reply = await session.send({ type: 'stop', services: ['one'], withDependents: false });
      expect(reply).toMatchObject({ ok: true, value: { stopped: ['one'], dependents: ['two'], ended: false } });
      expect(await states()).toEqual([
        ['one', 'stopped'],
        ['two', 'ready'],
      ]);
    });

    test('stops dependents first on request, and ends when no service is left', async () => {
      await session.send(START);
      const reply = await session.send({ type: 'stop', services: ['one'], withDependents: true });
      expect(reply).toMatchObject({ ok: true, value: { stopped: ['two', 'one'], ended: true } });
    });

    test('restarts a service as another process', async () => {
      await session.send(START);
      const before = (await snapshot()).services[0]?.pid;
      const reply = await session.send({ type: 'restart', services: ['one'], withDependents: false });
      expect(reply).toMatchObject({ ok: true, value: { started: ['one'], dependents: ['two'] } });
      const after = (await snapshot()).services[0];
      expect(after?.state).toBe('ready');
      expect(after?.pid).not.toBe(before);
    });

    test('numbers its events without a gap, and replays them from any number', async () => {
      await session.send(START);
      const { seq } = await snapshot();
      expect(seq).toBeGreaterThan(2);
      const all = await until(reader({ since: 0 }), (event) => event.seq === seq);
      expect(all.map((event) => event.seq)).toEqual(Array.from({ length: seq }, (_, i) => i + 1));
      const middle = Math.floor(seq / 2);
      expect(await until(reader({ since: middle }), (event) => event.seq === seq)).toEqual(all.slice(middle));
    });

    test('shows a reader without `since` only what happens after its call', async () => {
      await session.send({ ...START, services: ['one'] });
      const { seq } = await snapshot();
      const events = reader();
      await session.send(START);
      expect((await until(events, is('two', 'ready')))[0]?.seq).toBeGreaterThan(seq);
    });

    test('shows every reader the same', async () => {
      const first = reader();
      const second = reader();
      await session.send(START);
      expect(await until(first, is('two', 'ready'))).toEqual(await until(second, is('two', 'ready')));
    });

    test('passes output on unchanged, and joins characters that came in pieces', async () => {
      await session.send({ ...START, services: ['one'] });
      const events = reader();
      // The command waits until a listener in another process has begun to listen.
      await session.send({ ...START, services: ['one'] });
      const text = 'grüße 🚀 — \u001b[31mrot\u001b[0m\nund weiter ohne Ende';
      const bytes = new TextEncoder().encode(text);
      for (let i = 0; i < bytes.length; i += 3) await given.print('one', bytes.slice(i, i + 3));
      let printed = Buffer.alloc(0);
      const chunks: OutputEvent[] = [];
      await until(events, (event) => {
        if (event.type !== 'output') return false;
        chunks.push(event);
        printed = Buffer.concat([printed, event.bytes]);
        return printed.length >= bytes.length;
      });
      expect(printed.toString('utf8')).toBe(text);
      const start = chunks[0]?.offset as number;
      let offset = start;
      for (const chunk of chunks) {
        expect(chunk).toMatchObject({ service: 'one', stream: 'stdout', offset });
        offset += chunk.bytes.length;
      }
    });

    test('lets a reader leave, even while it waits', async () => {
      const controller = new AbortController();
      const events = session.events({ signal: controller.signal })[Symbol.asyncIterator]();
      const waiting = events.next();
      controller.abort();
      expect(await waiting).toMatchObject({ done: true });
      const other = session.events()[Symbol.asyncIterator]();
      expect(await other.return?.()).toMatchObject({ done: true });
      expect(await other.next()).toMatchObject({ done: true });
    });

    test('ends with a `done` for every reader, and accepts no command after it', async () => {
      await session.send(START);
      const events = reader();
      expect(await session.send({ type: 'shutdown', how: 'ordered' })).toMatchObject({
        ok: true,
        value: { stopped: ['two', 'one'], ended: true },
      });
      const seen = await until(events, (event) => event.type === 'done');
      expect(seen.findIndex(is('two', 'stopped'))).toBeLessThan(seen.findIndex(is('one', 'stopped')));
      expect(seen.at(-1)).toMatchObject({ type: 'done', ok: true, exitCode: 0 });
      expect(await events.next()).toMatchObject({ done: true });
      const late = await session.send(START);
      expect(late.ok ? null : late.failure.code).toMatch(/^(E401|E410|E412)$/);
    });
  });
}
