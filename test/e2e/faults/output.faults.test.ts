/**
 * Output that is too much, hostile, or not read. Whatever happens to a reader, the services do not notice, the raw log has
 * every byte, and memory and disk stay within their bounds.
 */
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { Running } from '../../rig/running.ts';
import { Terminal } from '../../rig/terminal.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { services } from '../ports/answers.ts';
import { LONG, logBytes, logGaps, MIB, nth, peakMiB, rawLog, supervisorPid, tell } from './measure.ts';

const ESC = '\x1b';
const CURSOR = `${ESC}[?25h`;
/** The limits of a service's log on disk and of a supervisor's resident memory. */
const LOG_CAP = 50 * MIB;
const MEMORY_MIB = 150;

/** At every SIGUSR2 it prints that many bytes, in lines of 100, as fast as they are read, and notes how long that took. */
const BURST = `
  import { appendFileSync, writeSync } from 'node:fs';
  const chunk = Buffer.from(('x'.repeat(99) + '\\n').repeat(10_000));
  const print = (bytes) => { for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at); };
  process.on('SIGUSR2', () => {
    const began = performance.now();
    for (let left = Number(process.argv[2]); left > 0; left -= chunk.length) print(chunk);
    appendFileSync('bursts', JSON.stringify({ ms: performance.now() - began }) + '\\n');
  });
  setInterval(() => 0, 1e9);
  print(Buffer.from('up\\n'));
`;

/** A line with the time every 20 ms. */
const CLOCK = `console.log('up'); setInterval(() => console.log(JSON.stringify({ printed: Date.now() })), 20)`;

function lineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === 10) count++;
  return count;
}

async function started(rig: Rig, config: Readonly<Record<string, object>>): Promise<number> {
  rig.config(config);
  const answer = await rig.devup(['start', '-d']);
  expect({ code: answer.code, stderr: answer.stderr }).toMatchObject({ code: 0 });
  return supervisorPid(rig);
}

async function stopped(rig: Rig): Promise<void> {
  expect((await rig.devup(['stop'])).code).toBe(0);
  await expectCleanWorld(rig);
}

describe('F25: stdout closed (EPIPE)', () => {
  test('F25: a reader that leaves ends only its own command, quietly; no service notices', async ({ rig }) => {
    rig.write('burst.mjs', BURST);
    const supervisor = await started(rig, { web: { command: `node burst.mjs ${5 * MIB}`, ready: { log: 'up' } } });
    const before = (await services(rig))['web']?.pid as number;
    process.kill(before, 'SIGUSR2');
    await nth(rig, 'bursts', 1);
    // As typed. The shell reports only the last command's exit code, so devup's is written to a file.
    const devup = `"${process.execPath}" "${inject('devup')}"`;
    for (const args of ['logs', 'logs --json', 'logs -f', 'status --json', 'ports']) {
      const script = `{ ${devup} ${args}; echo "code $?" >&2; } | head -c 1`;
      const piped = new Running('sh', ['-c', script], { cwd: rig.root, env: rig.env });
      // Following ends with the next output that has no reader.
      if (args === 'logs -f') {
        await eventually('the follower leaves', () => {
          process.kill(before, 'SIGUSR2');
          return !piped.alive;
        });
      }
      await piped.exited;
      expect({ args, stderr: piped.stderr }).toEqual({ args, stderr: 'code 0\n' });
    }
    // stdout that is closed from the beginning, and a device that is full.
    for (const to of ['>&-', '>/dev/full']) {
      const closed = new Running('sh', ['-c', `${devup} status ${to}; echo "code $?"`], { cwd: rig.root, env: rig.env });
      await closed.exited;
      expect(closed.stdout).toMatch(/^code [01]\n$/);
      expect(closed.stderr).not.toMatch(/ at |node:/);
    }
    expect((await services(rig))['web']).toMatchObject({ pid: before, state: 'ready' });
    expect(await supervisorPid(rig)).toBe(supervisor);
    await stopped(rig);
  });
});

describe('F26: a client that is stopped', () => {
  test('F26: an attached client that stops during 100 MB of output does not slow the service, and learns how much it missed', async ({
    rig,
  }) => {
    const bytes = 100_000_000;
    rig.write('burst.mjs', BURST);
    const supervisor = await started(rig, { web: { command: `node burst.mjs ${bytes}`, ready: { log: 'up' } } });
    const { pid } = (await services(rig))['web'] as { pid: number };
    let bursts = 0;
    const burst = async () => {
      process.kill(pid, 'SIGUSR2');
      return (await nth(rig, 'bursts', ++bursts))['ms'] as number;
    };
    await burst();
    const aloneBefore = await burst();
    const client = rig.start(['logs', '-f', '-n', '1']);
    await client.waitForOutput(/x\n$/, 'stdout');
    client.signal('SIGSTOP');
    const burstsBefore = bursts;
    // Other programs delay some bursts; the client would delay each of them.
    let withStopped = await burst();
    for (let more = 0; more < 4 && withStopped >= 2 * aloneBefore + 500; more++) withStopped = Math.min(withStopped, await burst());
    expect((await rig.devup(['status', '--json'])).code).toBe(0);
    const seenBefore = lineFeeds(client.stdoutBytes);
    client.signal('SIGCONT');
    const lines = ((bursts - burstsBefore) * bytes) / 100 + seenBefore;
    const dropped = () => [...client.stderr.matchAll(/(\d+) lines? of web dropped/g)].reduce((sum, [, lines]) => sum + Number(lines), 0);
    await client.waitForOutput(/dropped/, 'stderr');
    await eventually(
      () => `all lines are seen or counted: ${lineFeeds(client.stdoutBytes)} + ${dropped()} of ${lines}`,
      () => lineFeeds(client.stdoutBytes) + dropped() === lines,
      10_000,
    );
    client.signal('SIGINT');
    await client.exited;
    // Measured on both sides, since the load of the machine changes meanwhile.
    const alone = Math.max(aloneBefore, await burst());
    tell(
      `F26: 100 MB in ${Math.round(alone)} ms alone, in ${Math.round(withStopped)} ms beside a stopped client; ${dropped()} lines dropped for it; peak ${Math.round(peakMiB(supervisor))} MiB`,
    );
    expect(withStopped).toBeLessThan(2 * alone + 500);
    expect(peakMiB(supervisor)).toBeLessThan(MEMORY_MIB);
    await stopped(rig);
  });

  test('F26: a stopped terminal (Ctrl-S) does not block a foreground session', async ({ rig }) => {
    rig.write('burst.mjs', BURST);
    rig.config({ web: { command: `node burst.mjs ${20 * MIB}`, ready: { log: 'up' } } });
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/1 service ready/);
    terminal.stopReading();
    const { pid } = (await services(rig))['web'] as { pid: number };
    process.kill(pid, 'SIGUSR2');
    const { ms } = await nth(rig, 'bursts', 1);
    tell(`F26: 20 MiB in ${Math.round(ms as number)} ms at a stopped terminal`);
    terminal.goOnReading();
    await terminal.waitForOutput(/\d+ lines.* dropped/);
    terminal.keys('\x03');
    expect((await terminal.exited).code).toBe(130);
    await expectCleanWorld(rig);
  });
});

describe('F27: a service that prints without end', () => {
  // flood, clock: independent
  test("F27: a flood stays within the limits of memory and disk, and does not delay another service's lines", async ({ rig }) => {
    const seconds = LONG ? 60 : 4;
    rig.write('clock.mjs', CLOCK);
    const supervisor = await started(rig, {
      clock: { command: 'node clock.mjs', ready: { log: 'up' }, dependsOn: [] },
      flood: { command: 'yes', dependsOn: [] },
    });
    const reader = rig.start(['logs', 'clock', '-f', '-n', '1', '--json']);
    const delays: number[] = [];
    let known = 0;
    let mostDisk = 0;
    const until = performance.now() + seconds * 1000;
    await eventually(
      'the flood lasts',
      () => {
        const { lines } = reader;
        for (const { text } of lines.slice(Math.max(1, known))) {
          const printed = /"printed":(\d+)/.exec(String(text))?.[1];
          if (printed) delays.push(Date.now() - Number(printed));
        }
        known = lines.length;
        mostDisk = Math.max(mostDisk, logBytes(rig));
        return performance.now() > until;
      },
      seconds * 2000 + 5000,
    );
    const answered = performance.now();
    expect((await rig.devup(['status', '--json'])).code).toBe(0);
    const status = performance.now() - answered;
    delays.sort((a, b) => a - b);
    const late = delays[Math.floor(delays.length * 0.99)] as number;
    tell(
      `F27: ${seconds} s of yes: peak ${Math.round(peakMiB(supervisor))} MiB, log at most ${(mostDisk / MIB).toFixed(1)} MiB, ${delays.length} lines of the other service, delayed ${late} ms (p99), status in ${Math.round(status)} ms`,
    );
    expect(delays.length).toBeGreaterThan(seconds * 10);
    expect(late).toBeLessThan(1000);
    expect(peakMiB(supervisor)).toBeLessThan(MEMORY_MIB);
    expect(mostDisk).toBeLessThanOrEqual(LOG_CAP + MIB);
    reader.signal('SIGINT');
    await reader.exited;
    await stopped(rig);
    // Log parts are renamed between two reads of the folder meanwhile.
    expect(logGaps(rig, 'flood')).toEqual([]);
  });

  test('F27: endless binary output harms neither the log, nor its last lines, nor the session', async ({ rig }) => {
    const supervisor = await started(rig, { noise: { command: 'cat /dev/urandom' } });
    await eventually('30 MB of it', () => logBytes(rig) > 30_000_000);
    const some = await rig.devup(['logs', '-n', '50', '--json']);
    expect(some.code).toBe(0);
    expect(
      some.stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown),
    ).not.toEqual([]);
    tell(`F27: binary noise: peak ${Math.round(peakMiB(supervisor))} MiB`);
    expect(peakMiB(supervisor)).toBeLessThan(MEMORY_MIB);
    await stopped(rig);
    expect(logBytes(rig)).toBeLessThanOrEqual(LOG_CAP + MIB);
  });
});

describe('F28: bytes that are no lines', () => {
  /** NUL, invalid UTF-8, a character split over two writes, a progress bar, U+2028, no line feed at the end. */
  const ODD = [
    Buffer.from('nul \0 here\n'),
    Buffer.from([0x6c, 0x61, 0x74, 0xe9, 0xff, 0xc3, 0x28, 0x0a]),
    Buffer.from('grü').subarray(0, 3),
    Buffer.from('grü').subarray(3),
    Buffer.from('\n 10 %\r 20 %\r 30 %\nsep\u2028arated\n\r\n'),
    Buffer.from([0xf0, 0x9f]),
    Buffer.from([0x98, 0x80, 0x0a]),
    Buffer.from('unfinished'),
  ];

  test('F28: the log keeps NUL, invalid UTF-8, split characters, progress bars and U+2028 byte for byte; views make them harmless', async ({
    rig,
  }) => {
    rig.write(
      'odd.mjs',
      `for (const part of ${JSON.stringify(ODD.map((part) => part.toString('base64')))}) await new Promise((done) => process.stdout.write(Buffer.from(part, 'base64'), () => setImmediate(done)))`,
    );
    rig.config({ odd: { command: 'node odd.mjs', ready: { exit: 0 } } });
    expect((await rig.devup(['start'])).stdout).toContain('odd │ sep\u2028arated\n');
    expect(rawLog(rig, 'odd')).toEqual(Buffer.concat(ODD));
    const json = (await rig.devup(['logs', '--json'])).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { text: string }).text);
    expect(json).toEqual([
      'nul \0 here',
      'lat\ufffd\ufffd\ufffd(',
      'grü',
      ' 10 %\r 20 %\r 30 %',
      'sep\u2028arated',
      '',
      '😀',
      'unfinished',
    ]);
    const terminal = rig.terminal(['logs', '--no-color']);
    expect((await terminal.exited).code).toBe(0);
    expect(terminal.stdout).toContain('odd │ nul ^@ here\r\n');
    expect(terminal.stdout).toContain('odd │  10 %\r\nodd │  20 %\r\nodd │  30 %\r\n');
    expect(terminal.stdout).toContain('grü');
    await expectCleanWorld(rig);
  });

  test('F28: a line of 300 MB takes no memory, is in the log byte for byte, and is shown in pieces of 64 KiB', async ({ rig }) => {
    const bytes = LONG ? 300_000_000 : 30_000_000;
    const seed = randomBytes(64 * 1024).map((byte) => (byte === 10 ? 0 : byte));
    rig.write(
      'long.mjs',
      `
      import { appendFileSync, readFileSync, writeSync } from 'node:fs';
      const block = readFileSync('block');
      const print = (bytes) => { for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at); };
      process.on('SIGUSR2', () => {
        for (let left = ${bytes}; left > 0; left -= block.length) print(block.subarray(0, left));
        print(Buffer.from('\\nthe next line\\n'));
        appendFileSync('written', '{}\\n');
      });
      setInterval(() => 0, 1e9);
      print(Buffer.from('up\\n'));
    `,
    );
    writeFileSync(join(rig.root, 'block'), seed);
    const supervisor = await started(rig, { long: { command: 'node long.mjs', ready: { log: 'up' } } });
    const follower = rig.start(['logs', '-f', '-n', '1']);
    await follower.waitForOutput(/up/, 'stdout');
    process.kill((await services(rig))['long']?.pid as number, 'SIGUSR2');
    await nth(rig, 'written', 1);
    const end = Buffer.from('\nthe next line\n');
    await eventually('the log has all of it', async () => (await rig.devup(['logs', '-n', '1'])).stdout.includes('the next line'));
    expect(peakMiB(follower.pid)).toBeLessThan(MEMORY_MIB);
    follower.signal('SIGINT');
    await follower.exited;
    const all = Buffer.concat([Buffer.from('up\n'), ...Array.from({ length: Math.ceil(bytes / seed.length) }, () => seed)]).subarray(
      0,
      bytes + 3,
    );
    const expected = Buffer.concat([all, end]);
    const log = rawLog(rig, 'long');
    tell(`F28: a line of ${bytes / 1e6} MB: peak ${Math.round(peakMiB(supervisor))} MiB, ${(log.length / MIB).toFixed(1)} MiB of it kept`);
    if (!LONG) expect(log.length).toBe(expected.length);
    expect(sha256(log)).toBe(sha256(expected.subarray(expected.length - log.length)));
    expect(peakMiB(supervisor)).toBeLessThan(MEMORY_MIB);
    const shown = (await rig.devup(['logs', '--json'])).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { text: string; continued?: boolean });
    expect(shown.at(-1)).toEqual(expect.objectContaining({ text: 'the next line' }));
    expect(shown.filter(({ continued }) => continued).length).toBeGreaterThan(100);
    await stopped(rig);
  });
});

describe('F29: output that attacks the terminal', () => {
  /** Title, clipboard, link, alternate screen, reset, DCS, C1 as UTF-8, concealed text, a cut sequence, cursor keys, a query. */
  const ATTACKS = [
    `${ESC}]0;owned${'\x07'}`,
    `${ESC}]52;c;ZXZpbA==${'\x07'}`,
    `${ESC}]8;;http://evil.example/${ESC}\\click${ESC}]8;;${ESC}\\`,
    `${ESC}[?1049h`,
    `${ESC}c`,
    `${ESC}P$q"p${ESC}\\`,
    '\u009b2J\u009d0;owned\u009c',
    `${ESC}[8mhidden`,
    `${ESC}[6n${ESC}[2A${ESC}[1G${ESC}[K`,
    `${ESC}[31mred${ESC}[0m and ${ESC}[38;5;8mgrey${ESC}[0m`,
    `${ESC}[`,
  ];

  test.for([['logs'], ['start']] as const)(
    'F29: `devup %s` lets only colours through to a terminal, not ANSI or OSC attacks',
    async ([command], { rig }) => {
      rig.write('attacks', `${ATTACKS.join('\n')}\nend of it\n`);
      rig.config({ web: { command: 'cat attacks', ready: { exit: 0 } } });
      if (command === 'logs') await rig.devup(['start']);
      // `stty` shows the terminal's modes before and after.
      const script = `stty -g; "${process.execPath}" "${inject('devup')}" ${command}; echo "code $?"; stty -g`;
      const terminal = new Terminal(['sh', '-c', script], { rows: 40, columns: 120 }, { cwd: rig.root, env: rig.env });
      await terminal.exited;
      expect(terminal.stdout).toContain('code 0');
      const [before, ...rest] = terminal.stdout.trim().split('\r\n');
      expect(rest.at(-1)).toBe(before);
      // The tree of the start moves the cursor; behind it are the services, and the cursor is shown once more at the end.
      const drawn = terminal.stdout.indexOf('1 service ready') + 1;
      const logs = terminal.stdout.slice(drawn).replaceAll(CURSOR, '');
      expect(logs).toContain('end of it');
      expect(logs).toContain('^[]52;c;ZXZpbA==^G');
      expect(logs).toContain('\\x9b2J\\x9d0;owned\\x9c');
      expect(logs).toContain(`${ESC}[31mred`);
      expect(logs).toContain(`${ESC}[38;5;8mgrey`);
      expect(logs).not.toContain(`${ESC}[8m`);
      expect([...logs.replace(/\x1b\[[0-9;:]*m/g, '')].filter((character) => isControl(character))).toEqual([]);
      await expectCleanWorld(rig);
    },
  );

  test('F29: the last output of a failed service, and its name in a status, are harmless too', async ({ rig }) => {
    rig.write('attacks', `${ATTACKS.join('\n')}\nlast words\n`);
    rig.config({ web: { command: "sh -c 'cat attacks; exit 3'", ready: { log: 'never' } } });
    const terminal = rig.terminal(['start', '--no-color'], { env: { CI: '1' } });
    expect((await terminal.exited).code).toBe(7);
    expect(terminal.stdout).toContain('last words');
    expect([...terminal.stdout].filter((character) => isControl(character) && character !== ESC)).toEqual([]);
    expect(terminal.stdout).not.toMatch(/\x1b(?!\[[0-9;:]*m)/);
    await expectCleanWorld(rig);
  });
});

function isControl(character: string): boolean {
  const code = character.codePointAt(0) as number;
  return code !== 10 && code !== 13 && (code < 32 || (code > 126 && code < 160));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
