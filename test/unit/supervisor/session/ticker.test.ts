import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Ticker, WATCH_MS } from '../../../../src/supervisor/session/ticker.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';

describe('the pulse of a session', () => {
  let machine: FakeMachine;
  let ticks: number[];
  let gaps: number[];
  /** A tick waits for it. */
  let looking: (() => Promise<void>) | null;
  /** The outcome of a tick. */
  let news: boolean;
  let ticker: Ticker;
  let running: Promise<void>;

  beforeEach(async () => {
    machine = new FakeMachine();
    ticks = [];
    gaps = [];
    looking = null;
    news = true;
    const began = machine.clock.now();
    ticker = new Ticker(
      machine.clock,
      async () => {
        ticks.push(machine.clock.now() - began);
        await looking?.();
        return news;
      },
      (ms) => void gaps.push(ms),
    );
    running = ticker.run();
    await machine.advance(0);
  });
  afterEach(async () => {
    ticker.end();
    await running;
    expect(machine.clock.pending).toBe(0);
  });

  test('ticks every few seconds, and resolves waits after the tick', async () => {
    const next = ticker.nextTick(new AbortController().signal);
    await machine.advance(WATCH_MS * 2);
    await next;
    expect(ticks).toEqual([WATCH_MS, WATCH_MS * 2]);
    expect(gaps).toEqual([]);
  });

  test('F35: after the machine slept, the ticker reports the gap instead of polling', async () => {
    await machine.advance(WATCH_MS);
    await machine.clock.jump(3_600_000);
    expect(ticks).toEqual([WATCH_MS]);
    expect(gaps).toEqual([3_600_000 - WATCH_MS]);
    await machine.advance(WATCH_MS);
    expect(ticks.length).toBe(2);
  });

  test('F35: if the machine slept during a poll, the ticker reports the gap before anything else', async () => {
    looking = () => machine.clock.sleep(3_600_000);
    const next = ticker.nextTick(new AbortController().signal).then(() => expect(gaps).toEqual([3_600_000]));
    await machine.advance(WATCH_MS);
    looking = null;
    await machine.clock.jump(3_600_000);
    await next;
    expect(gaps).toEqual([3_600_000]);
  });

  test('a waiter without problems waits for the next tick with changes, the others for the next tick', async () => {
    const { signal } = new AbortController();
    await machine.advance(WATCH_MS);
    const told: string[] = [];
    void ticker.nextTick(signal, 1).then((last) => told.push(`well, ${last}`));
    void ticker.nextTick(signal).then((last) => told.push(`not well, ${last}`));
    news = false;
    await machine.advance(WATCH_MS * 2);
    expect(told).toEqual(['not well, 1']);
    news = true;
    await machine.advance(WATCH_MS);
    expect(told).toEqual(['not well, 1', 'well, 4']);
  });

  test('a waiter that was busy during a change waits for the next tick only', async () => {
    await machine.advance(WATCH_MS * 2);
    news = false;
    const next = ticker.nextTick(new AbortController().signal, 1);
    await machine.advance(WATCH_MS);
    expect(await next).toBe(2);
  });

  test('a waiter that is aborted is released', async () => {
    const leaving = new AbortController();
    const next = ticker.nextTick(leaving.signal);
    leaving.abort('enough');
    await expect(next).rejects.toBe('enough');
    await expect(ticker.nextTick(leaving.signal)).rejects.toBe('enough');
  });
});
