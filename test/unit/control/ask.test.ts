import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ask, parseAnswer } from '../../../src/control/ask.ts';

const BODY = '{"name":"größe"}';
const HEAD = `HTTP/1.1 200 OK\r\nX-Devup-Version: 1.2.3\r\nContent-Length: ${Buffer.byteLength(BODY)}\r\n\r\n`;

describe('the text of an answer', () => {
  test('is split into status, headers and body', () => {
    const answer = parseAnswer(Buffer.from(HEAD + BODY));
    expect(answer).toMatchObject({ status: 200, text: BODY });
    expect(answer?.headers.get('x-devup-version')).toBe('1.2.3');
  });

  test.each([
    ['nothing', ''],
    ['half a head', HEAD.slice(0, 20)],
    ['half a body', HEAD + BODY.slice(0, 4)],
    ['more than was announced', `${HEAD}${BODY}more`],
    ['no length', `HTTP/1.1 200 OK\r\n\r\n${BODY}`],
    ['pieces', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ])('is not an answer when it is %s', (_, text) => {
    expect(parseAnswer(Buffer.from(text))).toBeNull();
  });
});

describe('a request', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  function served(answer: (socket: Socket) => void): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'devup-ask-'));
    const server = createServer((socket) => socket.once('data', () => answer(socket)));
    closing.push(
      () => server.close(),
      () => rmSync(folder, { recursive: true, force: true }),
    );
    return new Promise((resolve) => server.listen(join(folder, 's'), () => resolve(join(folder, 's'))));
  }

  const asking = (socket: string, signal = new AbortController().signal) => ask({ socket, version: '1', path: '/v1/session', signal });

  test('is answered in any number of pieces', async () => {
    const socket = await served((to) => {
      to.write(HEAD.slice(0, 10));
      to.write(Buffer.from(HEAD.slice(10) + BODY).subarray(0, -9));
      to.end(Buffer.from(BODY).subarray(-9));
    });
    expect(await asking(socket)).toMatchObject({ kind: 'answer', status: 200, text: BODY });
  });

  test('gets null if the server ends in the middle, is missing, or the caller has left', async () => {
    const cut = await served((to) => to.end(HEAD));
    expect(await asking(cut)).toEqual({ kind: 'unanswered', why: 'broken-off' });
    expect(await asking(`${cut}-gone`)).toEqual({ kind: 'unanswered', why: 'nobody' });
    const leaving = new AbortController();
    const silent = await served(() => leaving.abort());
    expect(await asking(silent, leaving.signal)).toEqual({ kind: 'unanswered', why: 'aborted' });
    expect(await asking(silent, leaving.signal)).toEqual({ kind: 'unanswered', why: 'aborted' });
  });
});
