import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OutputEvent } from '../../../src/model/event.ts';
import { OutputRing, OVERHEAD_BYTES } from '../../../src/model/output-ring.ts';

function event(seq: number, length: number): OutputEvent {
  const bytes = Uint8Array.from({ length }, (_, i) => (seq * 31 + i) % 251);
  return { type: 'output', service: 'web', stream: 'stdout', bytes, offset: seq, seq, atMs: seq };
}

test('keeps the newest events that fit, byte for byte, for any sizes', () => {
  const most = 200_000;
  const size = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 70_000 }), fc.constant(most + 1));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 60 }), fc.nat(60), (sizes, since) => {
      const ring = new OutputRing(most);
      const all = sizes.map((length, i) => event(i + 1, length));
      for (const each of all) ring.push(each);
      const kept: OutputEvent[] = [];
      for (let cost = 0, i = all.length - 1; i >= 0; i--) {
        cost += (sizes[i] as number) + OVERHEAD_BYTES;
        if (cost > most) break;
        kept.unshift(all[i] as OutputEvent);
      }
      expect(ring.after(since)).toEqual(kept.filter(({ seq }) => seq > since));
    }),
  );
});

test('returned events do not change when the ring continues', () => {
  const ring = new OutputRing(1000);
  ring.push(event(1, 500));
  const [before] = ring.after(0);
  for (let seq = 2; seq < 10; seq++) ring.push(event(seq, 500));
  expect(before).toEqual(event(1, 500));
});
