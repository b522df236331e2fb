/**
 * A process that obeys the contract suite's orders over its IPC channel, one at a time:
 * listen {host, port} · connect {localPort, port} · child {session} (inherits every listening socket) · ignore {signal} · title {text} · zombie
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const servers = [];

const orders = {
  async listen({ host, port }) {
    const server = createServer((socket) => socket.resume());
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    servers.push(server);
    return server.address().port;
  },
  async connect({ localPort, port }) {
    const socket = connect({ host: '127.0.0.1', port, localPort, localAddress: '127.0.0.1' });
    await once(socket, 'connect');
    return null;
  },
  /** `cat` waits for its input, which ends with this process. */
  async child({ session }) {
    const sockets = servers.map((server) => server._handle.fd);
    const child = spawn('cat', [], { detached: session, stdio: ['pipe', 'ignore', 'ignore', ...sockets] });
    await once(child, 'spawn');
    return child.pid;
  },
  async ignore({ signal }) {
    process.on(signal, () => {});
    return null;
  },
  async title({ text }) {
    process.title = text;
    return null;
  },
  /**
   * `exec cat` is the parent then, and never waits for a child that it does not know of. The shell would; so the child, also a
   * `cat`, does not end before it.
   */
  async zombie() {
    const shell = spawn('sh', ['-c', 'cat <&3 & echo $!; exec cat 3<&-'], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] });
    const [line] = await once(shell.stdout, 'data');
    // It answers, so it is a `cat` by now.
    shell.stdin.write('cat\n');
    await once(shell.stdout, 'data');
    shell.stdio[3].end();
    return Number(String(line));
  },
};

process.on('message', async ({ order, ...rest }) => {
  try {
    process.send({ value: await orders[order](rest) });
  } catch (error) {
    process.send({ error: error.code ?? String(error) });
  }
});
process.on('disconnect', () => process.exit());
process.send({ value: 'here' });
