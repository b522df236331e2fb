import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { onEndSignals } from '../../../src/cli/signals.ts';
import { FakeClock } from '../../rig/fake-clock.ts';

function listen(survivesHangUp = false) {
  const [clock, source, requests] = [new FakeClock(), new EventEmitter(), [] as string[]];
  const off = onEndSignals({ clock, survivesHangUp, source }, (signal) => requests.push(signal));
  return { clock, source, requests, off };
}

describe('signals that ask a command to end', () => {
  test('any of them within half a second after the first are one request, which their number does not prolong', async () => {
    const { clock, source, requests } = listen();
    for (const [signal, pauseMs] of [
      ['SIGINT', 0],
      ['SIGTERM', 6],
      ['SIGINT', 193],
      ['SIGHUP', 200],
      ['SIGINT', 100],
    ] as const) {
      await clock.advance(pauseMs);
      source.emit(signal);
    }
    expect(requests).toEqual(['SIGINT']);
    await clock.advance(2);
    source.emit('SIGTERM');
    expect(requests).toEqual(['SIGINT', 'SIGTERM']);
  });

  test('a later request has copies, too', async () => {
    const { clock, source, requests } = listen();
    source.emit('SIGINT');
    for (let copy = 0; copy < 3; copy++) {
      await clock.advance(copy === 0 ? 5000 : 50);
      source.emit('SIGINT');
    }
    expect(requests).toEqual(['SIGINT', 'SIGINT']);
  });

  test('copies that arrive after the command has let go of the signals do not kill it', async () => {
    const { clock, source, requests, off } = listen();
    source.emit('SIGINT');
    off();
    expect(source.listenerCount('SIGINT')).toBe(1);
    source.emit('SIGINT');
    expect(requests).toEqual(['SIGINT']);
    await clock.advance(501);
    expect([source.listenerCount('SIGINT'), source.listenerCount('SIGHUP')]).toEqual([0, 0]);
  });

  test('without a request they have their default effect as soon as the command lets go of them', () => {
    const { source, off } = listen();
    off();
    expect(['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => source.listenerCount(name))).toEqual([0, 0, 0]);
  });

  test('a hang-up is none for a command that is to survive it', () => {
    const { source, requests } = listen(true);
    source.emit('SIGHUP');
    expect([requests, source.listenerCount('SIGHUP')]).toEqual([[], 0]);
    source.emit('SIGTERM');
    expect(requests).toEqual(['SIGTERM']);
  });
});
