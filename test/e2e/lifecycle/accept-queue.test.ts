/** A listener that accepts nothing: the parent of a reloader holds the socket, while its worker is dead. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import { test } from '../../rig/rig.ts';
import { FAST_WATCH, up } from './stack.ts';

/**
 * Opens the socket and gives it to a worker, which answers. SIGUSR1 ends the worker, as an edit that does not compile does in
 * `uvicorn --reload`; SIGUSR2 starts another one.
 */
const RELOADER = `
import os, signal, socket
orders = [signal.SIGUSR1, signal.SIGUSR2]
signal.pthread_sigmask(signal.SIG_BLOCK, orders)
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(('127.0.0.1', int(os.environ['PORT'])))
listener.listen(64)

def work():
    pid = os.fork()
    while pid == 0:
        connection, _ = listener.accept()
        try:
            connection.recv(4096)
            connection.sendall(b'HTTP/1.0 200 OK\\r\\n\\r\\nhello')
            connection.close()
        except OSError:
            pass
    return pid

worker = work()
while True:
    if signal.sigwait(orders) == signal.SIGUSR1:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        print('the worker is gone', flush=True)
    else:
        worker = work()
`;

async function request(port: number): Promise<{ readonly socket: Socket; readonly answer: Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  const answer = once(socket, 'close').then(() => text);
  socket.write('GET / HTTP/1.0\r\n\r\n');
  return { socket, answer };
}

// web: a reloader whose worker ends and comes back
test('F45: a service that listens but accepts no connections is unhealthy, says so everywhere, and is ready again by itself', async ({
  rig,
}) => {
  const port = await rig.port();
  rig.write('reloader.py', RELOADER);
  rig.config({ web: { port, command: ['python3', 'reloader.py'], restart: 'always', links: { Home: '/' } } });
  const stack = up(rig, [], FAST_WATCH);
  const { pid } = await stack.until('web', 'ready');
  if (typeof pid !== 'number') throw new Error('web has no pid');
  expect(await (await request(port)).answer).toContain('hello');

  process.kill(pid, 'SIGUSR1');
  await stack.untilEvent('the end of the worker', ({ type, text }) => type === 'output' && text?.includes('the worker is gone') === true);
  const waiting = await request(port);
  // It gives up, and stays in the queue.
  const left = await request(port);
  left.socket.end();
  const { problem } = await stack.until('web', 'unhealthy');
  const message = `web listens on ${port} but accepts no connections (an error after a reload, a breakpoint, or one long request)`;
  expect(problem).toMatchObject({ code: 'E117', message });
  expect((await stack.status())['web']).toMatchObject({ state: 'unhealthy', verdict: 'ours', problem: { code: 'E117', message } });
  const waited = await stack.devup('wait', 'web', '--timeout', '300ms');
  expect(waited).toMatchObject({ code: 5, stderr: expect.stringContaining(`still waiting for web: ${message}`) as unknown });
  const live = await stack.devup('check', '--live', '--json');
  expect(live.code).toBe(6);
  expect(live.json()).toMatchObject({
    findings: [
      { code: 'D201', service: 'web', port, message: `web listens on ${port} but accepts no connections` },
      { code: 'D203', service: 'web' },
    ],
  });

  process.kill(pid, 'SIGUSR2');
  await stack.until('web', 'ready', 2);
  expect(await waiting.answer).toContain('hello');
  expect(stack.states('web').filter((state) => state === 'starting')).toHaveLength(1);
  expect(await stack.devup('wait', 'web')).toMatchObject({ code: 0 });
  left.socket.destroy();
  await stack.stop();
});
