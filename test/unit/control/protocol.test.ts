import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatEventId, OutputDecoder, parseEvent, parseEventId } from '../../../src/control/protocol.ts';
import { formatLogQuery, parseLogQuery, parseOrder } from '../../../src/control/request.ts';
import type { Event, OutputEvent } from '../../../src/model/event.ts';
import { anyCharacter } from '../../rig/any-character.ts';

/** Whole characters, halves of them and invalid bytes; first and continuation bytes are frequent. */
const bytes = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 40 }).map((text) => Uint8Array.from(Buffer.from(text))),
  fc.uint8Array({ maxLength: 40 }),
  fc
    .array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xc3, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5, 0xff, 0x9f), { maxLength: 20 })
    .map((list) => Uint8Array.from(list)),
);
const output = (part: Uint8Array, offset: number, service = 'web', stream: 'stdout' | 'stderr' = 'stdout'): OutputEvent => ({
  type: 'output',
  service,
  stream,
  bytes: part,
  offset,
  seq: 1,
  atMs: 2,
});

describe('output on the wire', () => {
  test('reads the same in any chunks, and each piece has the right offset', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(40), { maxLength: 8 }), (all, cuts) => {
        const decoder = new OutputDecoder();
        const places = [0, ...cuts.map((cut) => Math.min(cut, all.length)).sort((a, b) => a - b), all.length];
        let text = '';
        const offsets: number[] = [];
        for (let i = 1; i < places.length; i++) {
          const wire = decoder.decode(output(all.subarray(places[i - 1], places[i]), places[i - 1] as number));
          offsets.push(wire.offset);
          if (wire.text !== '') expect(Buffer.from(all.subarray(0, wire.offset)).toString('utf8') + wire.text).toBe(text + wire.text);
          text += wire.text;
        }
        // At most three bytes are still held: the beginning of a character whose rest never came.
        const whole = Buffer.from(all).toString('utf8');
        expect(whole.startsWith(text)).toBe(true);
        expect(whole.length - text.length).toBeLessThanOrEqual(3);
      }),
    );
  });

  test('does not mix halves of characters between services and streams', () => {
    const decoder = new OutputDecoder();
    const [first, second] = [Uint8Array.of(0xc3), Uint8Array.of(0xbc)];
    expect(decoder.decode(output(first, 0, 'a')).text).toBe('');
    expect(decoder.decode(output(second, 0, 'b')).text).toBe('\ufffd');
    expect(decoder.decode(output(second, 0, 'a', 'stderr')).text).toBe('\ufffd');
    expect(decoder.decode(output(second, 1, 'a'))).toMatchObject({ text: 'ü', offset: 0 });
  });

  test('does not join the text before a gap to the text after it', () => {
    const decoder = new OutputDecoder();
    decoder.decode(output(Uint8Array.of(0xc3), 0));
    decoder.forget();
    expect(decoder.decode(output(Uint8Array.of(0x41), 9))).toMatchObject({ text: 'A', offset: 9 });
  });
});

describe('an event on the wire', () => {
  test('is read back unchanged', () => {
    const state: Event = {
      type: 'state',
      service: 'web',
      state: 'ready',
      pid: 7,
      afterMs: 3,
      restarts: 0,
      problem: null,
      delayMs: null,
      seq: 4,
      atMs: 5,
    };
    expect(parseEvent(JSON.stringify(state))).toEqual(state);
    const printed = parseEvent(JSON.stringify(new OutputDecoder().decode(output(Buffer.from('grün'), 3))));
    expect(printed).toEqual({ ...output(Buffer.from('grün'), 3) });
    expect(parseEvent(JSON.stringify({ type: 'gap', missed: 3, seq: 1, atMs: 1, snapshot: {} }))).toEqual({
      type: 'gap',
      missed: 3,
      seq: 1,
      atMs: 1,
    });
  });

  test('is null for anything else, and nothing throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void expect(parseEvent(text)).toBeNull()));
    expect(parseEvent('{"type":"toString","seq":1}')).toBeNull();
    expect(parseEvent('{"type":"output","seq":1}')).toBeNull();
  });

  test('has an id with its session', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-z]{1,32}$/), fc.nat(), (key, seq) => {
        expect(parseEventId(formatEventId(key, seq))).toEqual({ key, seq });
        expect(parseEventId(String(seq))).toEqual({ key: null, seq });
      }),
    );
    for (const bad of ['', 'x', '-1', '1:2:3', ':1', '1e3', '9'.repeat(16)]) expect(parseEventId(bad)).toBeNull();
  });
});

describe('a command on the wire', () => {
  test('has a default for every missing key', () => {
    expect(parseOrder('start', '')).toEqual({
      ok: true,
      value: {
        type: 'start',
        services: null,
        with: [],
        profiles: [],
        noDeps: false,
        onConflict: null,
        takeOver: false,
        keepGoing: false,
        timeoutMs: null,
      },
    });
    expect(parseOrder('shutdown', '{}')).toEqual({ ok: true, value: { type: 'shutdown', how: 'ordered' } });
  });

  test.each([
    ['start', '{"servics":["a"]}', 'did you mean "services"'],
    ['start', '{"services":"a"}', 'services must be a list'],
    ['start', '{"timeoutMs":-1}', 'timeoutMs must be milliseconds'],
    ['start', '{"__proto__":{"noDeps":true}}', 'unknown key'],
    ['start', '{"type":"stop"}', 'unknown key'],
    ['restart', '{"withDependents":1}', 'true or false'],
    ['stop', '[]', 'JSON object'],
    ['stop', '{', 'JSON object'],
    ['shutdown', '{"how":"fast"}', 'how must be'],
  ] as const)('that is wrong is refused: %s %s', (type, body, message) => {
    expect(parseOrder(type, body)).toMatchObject({ ok: false, failure: { code: 'E411', message: expect.stringContaining(message) } });
  });

  test('that is frozen may have keys of other versions', () => {
    expect(parseOrder('stop', '{"services":["a"],"politely":true}', 'another')).toEqual({
      ok: true,
      value: { type: 'stop', services: ['a'], withDependents: false },
    });
    expect(parseOrder('restart', '{"politely":true}', 'another')).toMatchObject({ ok: false });
  });

  test.each(['stop', 'shutdown'] as const)('with a misspelt key does not become a %s of everything', (type) => {
    expect(parseOrder(type, '{"servics":["a"]}')).toMatchObject({ ok: false, failure: { code: 'E411' } });
  });
});

describe('a query for logs on the wire', () => {
  test('is read back unchanged', () => {
    const query = fc.record({
      lines: fc.option(fc.nat(1e6)),
      sinceMs: fc.option(fc.nat()),
      grep: fc.option(fc.constantFrom(/a b&c=d/i, /ä+|\/x/, /[?#%]/u)),
    });
    fc.assert(
      fc.property(query, (one) => void expect(parseLogQuery(new URLSearchParams(formatLogQuery(one)))).toEqual({ ok: true, value: one })),
    );
  });

  test.each(['n=-1', 'n=x', 'since=yesterday', 'grep=(', 'grep=a&flags=q', 'lines=3'])('that is invalid is refused: %s', (text) => {
    expect(parseLogQuery(new URLSearchParams(text))).toMatchObject({ ok: false, failure: { code: 'E411' } });
  });

  test('accepts a date as well', () => {
    expect(parseLogQuery(new URLSearchParams('since=2026-11-22T09:12:00Z'))).toMatchObject({
      value: { sinceMs: Date.UTC(2026, 10, 22, 9, 12) },
    });
  });
});
