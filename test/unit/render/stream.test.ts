import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogStream, type LogStreamOptions } from '../../../src/render/stream.ts';

function view(o: Partial<LogStreamOptions> = {}): {
  stream: LogStream;
  text: () => string;
  say: (service: string, text: string | Buffer) => void;
  writes: string[];
} {
  const writes: string[] = [];
  const stream = new LogStream({
    names: ['web', 'backend'],
    colour: false,
    prefix: true,
    filter: () => null,
    write: async (bytes) => void writes.push(Buffer.from(bytes).toString('latin1')),
    ...o,
  });
  return {
    stream,
    writes,
    text: () => Buffer.from(writes.join(''), 'latin1').toString('utf8'),
    say: (service, text) => stream.push({ service, stream: 'stdout', bytes: Buffer.from(text) }),
  };
}

const chunk = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes.map((byte) => (byte % 5 === 0 ? 10 : byte))));

describe('prefixed output', () => {
  test('every line stands behind its service, padded to the longest name', () => {
    const { say, text } = view();
    say('web', 'one\ntwo\n');
    say('backend', 'é ✔\n');
    expect(text()).toBe('web     │ one\nweb     │ two\nbackend │ é ✔\n');
  });

  test('any chunks give the same bytes, and all of them', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
        const cut = view();
        for (const one of chunks) cut.say('web', one);
        cut.stream.end();
        const whole = view();
        const all = Buffer.concat(chunks);
        whole.say('web', all);
        whole.stream.end();
        expect(cut.writes.join('')).toBe(whole.writes.join(''));
        const prefix = Buffer.from('web     │ ').toString('latin1');
        const lines = all.toString('latin1').split('\n');
        if (lines.at(-1) === '') lines.pop();
        expect(whole.writes.join('')).toBe(lines.map((line) => `${prefix}${line}\n`).join(''));
      }),
    );
  });

  test('lines of two services are never torn, even beside unfinished ones', () => {
    const said = fc.record({
      service: fc.constantFrom('web', 'backend'),
      text: fc.constantFrom('a', 'b\n', '\n', 'c\nd'),
      idle: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(said, { maxLength: 30 }), (history) => {
        const { stream, say, text } = view();
        for (const one of history) {
          say(one.service, one.service === 'web' ? one.text : one.text.toUpperCase());
          if (one.idle) stream.idle();
        }
        stream.end();
        for (const line of text().split('\n')) expect(line).toMatch(/^(web {5}│ [a-d]*|backend │ [A-D]*|)$/);
        for (const service of ['web', 'backend']) {
          const letters = history.filter((one) => one.service === service).map((one) => one.text.replaceAll('\n', ''));
          const shown = [...text().matchAll(new RegExp(`^${service} *│ (.*)$`, 'gm'))].map((match) => match[1]);
          expect(shown.join('').toLowerCase()).toBe(letters.join(''));
        }
      }),
    );
  });

  test('one write per chunk', () => {
    const { say, writes } = view();
    say('web', 'a\n'.repeat(1000));
    expect(writes).toHaveLength(1);
  });

  test('bytes that are being written are not overwritten', async () => {
    const underWay: { readonly bytes: Uint8Array; readonly over: () => void }[] = [];
    const { say } = view({ write: (bytes) => new Promise<void>((over) => underWay.push({ bytes, over })) });
    const seen = () => underWay.map(({ bytes }) => Buffer.from(bytes).toString());
    say('web', 'one\n');
    say('web', 'two\n');
    expect(seen()).toEqual(['web     │ one\n', 'web     │ two\n']);
    underWay.shift()?.over();
    await new Promise(setImmediate);
    say('web', '3rd\n');
    say('web', '4th\n');
    expect(seen()).toEqual(['web     │ two\n', 'web     │ 3rd\n', 'web     │ 4th\n']);
  });

  test('an unfinished line is held until idle, then continued in place', () => {
    const { stream, say, writes, text } = view();
    say('web', 'Name? ');
    expect(writes).toEqual([]);
    expect(stream.holds).toBe(true);
    stream.idle();
    expect(stream.holds).toBe(false);
    say('web', 'Ann\n');
    expect(text()).toBe('web     │ Name? Ann\n');
  });

  test('a line without an end does not grow in memory', () => {
    const { stream, say, text } = view();
    for (let i = 0; i < 5; i++) say('web', 'x'.repeat(40_000));
    expect(text().length).toBeGreaterThan(100_000);
    stream.end();
    expect(text()).toBe(`web     │ ${'x'.repeat(200_000)}\n`);
  });

  test('other output on the terminal begins on a new line', () => {
    const { stream, say, text } = view();
    say('web', 'Name? ');
    stream.idle();
    stream.breakLine();
    stream.breakLine();
    expect(text()).toBe('web     │ Name? \n');
  });

  test('without a prefix the lines stand alone; with colour each begins with a reset', () => {
    const bare = view({ prefix: false });
    bare.say('web', 'a\nb\n');
    expect(bare.text()).toBe('a\nb\n');
    const coloured = view({ colour: true });
    coloured.say('web', '\x1b[31ma\nb\n');
    expect(coloured.text()).toBe('\x1b[0;36mweb     │ \x1b[0m\x1b[31ma\x1b[0m\n\x1b[0;36mweb     │ \x1b[0m\x1b[31mb\x1b[0m\n');
  });

  const WEB = '\x1b[0;36mweb     │ \x1b[0m';
  const BACKEND = '\x1b[0;35mbackend │ \x1b[0m';

  test.each([
    ['until it is switched off', '\x1b[1;31mone\n\ntwo\x1b[0m\nthree\n', ['\x1b[1;31mone\x1b[0m', '', '\x1b[1;31mtwo\x1b[0m', 'three']],
    [
      'with what is added later',
      '\x1b[32ma\x1b[4m\nb\x1b[24m\nc\x1b[39m\nd',
      ['\x1b[32ma\x1b[4m\x1b[0m', '\x1b[32;4mb\x1b[24m\x1b[0m', '\x1b[32mc\x1b[39m', 'd'],
    ],
    ['in 256 or all colours', '\x1b[38;5;8;48;2;1;2;3ma\nb', ['\x1b[38;5;8;48;2;1;2;3ma\x1b[0m', '\x1b[38;5;8;48;2;1;2;3mb\x1b[0m']],
    [
      'in colon form',
      '\x1b[38:2::1:2:3;4:3ma\nb\x1b[4:0m\nc\x1b[m',
      ['\x1b[38:2::1:2:3;4:3ma\x1b[0m', '\x1b[38:2::1:2:3;4:3mb\x1b[4:0m\x1b[0m', '\x1b[38:2::1:2:3mc\x1b[m'],
    ],
    ['not if the next line switches it off', '\x1b[31ma\n\x1b[0mb\n\x1b[32mc\x1b[m\n', ['\x1b[31ma\x1b[0m', 'b', '\x1b[32mc\x1b[m']],
  ])('a colour that is left on is set again behind each prefix, %s', (_name, input, lines) => {
    const expected = lines.map((line) => `${WEB}${line}\n`).join('');
    const whole = view({ colour: true });
    whole.say('web', input);
    whole.stream.end();
    expect(whole.text()).toBe(expected);
    const cut = view({ colour: true });
    for (const piece of input.match(/\x1b\[[\d;:]*m|[^\x1b]/g) ?? []) cut.say('web', piece);
    cut.stream.end();
    expect(cut.text()).toBe(expected);
  });

  test('a colour that is left on reaches neither another service nor what devup prints', () => {
    const { stream, say, text } = view({ colour: true });
    say('web', '\x1b[31mName? ');
    stream.idle();
    say('backend', 'up\n');
    say('web', 'Ann');
    stream.idle();
    stream.breakLine();
    say('web', '!\nend\n');
    expect(text()).toBe(
      [
        `${WEB}\x1b[31mName? \x1b[0m`,
        `${BACKEND}up`,
        `${WEB}\x1b[31mAnn\x1b[0m`,
        `${WEB}\x1b[31m!\x1b[0m`,
        `${WEB}\x1b[31mend\x1b[0m`,
        '',
      ].join('\n'),
    );
  });

  test('a filter sees each stream separately', () => {
    const seen: string[] = [];
    const { stream, text } = view({
      filter: (service, which) => {
        seen.push(`${service} ${which}`);
        return { filter: (raw) => raw.toUpperCase(), flush: () => '!' };
      },
    });
    for (const which of ['stdout', 'stderr'] as const) stream.push({ service: 'web', stream: which, bytes: Buffer.from('a\n') });
    stream.end();
    expect(seen).toEqual(['web stdout', 'web stderr']);
    expect(text()).toBe('web     │ A\nweb     │ A\nweb     │ !\nweb     │ !\n');
  });
});
