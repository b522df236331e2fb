/**
 * A service for tests. Flags say what it does at once; afterwards it takes orders on a socket, so that no test waits for
 * a time. Every event is a line of JSON in its journal.
 *
 *   --port [host:]port    listen (repeatable; without a host: all interfaces)     --udp port      bind a UDP socket
 *   --wait                do nothing of the above until told { do: 'go' }           --workers n     pre-forked workers share the ports
 *   --print text          a line to stdout before listening (repeatable)           --error text    a line to stderr
 *   --ready text          a line to stdout once it listens                         --status n      its answer to HTTP (200)
 *   --ignore SIG,SIG      signals that do not end it                               --exit n        exit with n once it listens
 *   --child how[:port]    spawn a grandchild (repeatable); how: plain, or a `+` list of
 *                         setsid (own session), orphan (its parent exits), bare (empty environment), stubborn (ignores TERM)
 *   --respawn             run everything in a child, and start it again whenever it dies
 * Orders: { do: 'go' | 'listen' | 'close' | 'print' | 'exit' | 'child' | 'status' | 'hang' | 'ignore', … }, see `orders`.
 */
import { spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { createSocket } from 'node:dgram';
import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';

const many = { type: 'string', multiple: true };
const one = { type: 'string' };
const flag = { type: 'boolean' };
const { values } = parseArgs({
  options: {
    journal: one,
    control: one,
    port: many,
    udp: many,
    print: many,
    error: many,
    ready: one,
    status: one,
    ignore: one,
    exit: one,
    workers: one,
    child: many,
    respawn: flag,
    wait: flag,
  },
});

const servers = new Map();
const ignored = new Set();
/** With --respawn: the child that does the work, and whether this one was told to end. */
let respawned = null;
let leaving = false;
let status = Number(values.status ?? 200);

const orders = {
  go: () => go(),
  listen: ({ at }) => listen(String(at)),
  close: ({ at }) =>
    new Promise((resolve) => {
      servers.get(String(at)).closeAllConnections();
      servers.get(String(at)).close(resolve);
      servers.delete(String(at));
      note('closed', { at });
    }),
  print: ({ text, stream = 'stdout' }) => new Promise((resolve) => process[stream].write(text, resolve)),
  exit: ({ code }) => setImmediate(() => process.exit(code)),
  child: ({ how }) => child(how),
  status: (order) => {
    status = order.status;
  },
  ignore: ({ signals }) => ignore(signals),
  /** Blocks the event loop: nothing is answered any more. */
  hang: () => setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)),
};

for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']) process.on(name, () => onSignal(name));
ignore(values.ignore?.split(',') ?? []);

// Before `started` is written: its readers may send signals and orders.
if (!values.respawn && !cluster.isWorker) await takeOrders();
note('started', { ppid: process.ppid, argv: process.argv.slice(2), service: process.env.DEVUP_SERVICE ?? null });
if (values.respawn) respawn();
else if (cluster.isWorker || !values.wait) await go();

async function go() {
  for (const text of values.print ?? []) process.stdout.write(`${text}\n`);
  for (const text of values.error ?? []) process.stderr.write(`${text}\n`);
  if (values.workers && cluster.isPrimary) await prefork(Number(values.workers));
  else for (const at of values.port ?? []) await listen(at);
  for (const port of values.udp ?? []) await new Promise((resolve) => createSocket('udp4').bind(Number(port), resolve));
  for (const how of cluster.isPrimary ? (values.child ?? []) : []) await child(how);
  note('ready', {});
  if (cluster.isPrimary && values.ready) process.stdout.write(`${values.ready}\n`);
  if (values.exit !== undefined) process.exitCode = Number(values.exit);
  if (values.exit !== undefined) process.exit();
}

function listen(at) {
  const [, host, port] = /^(?:\[?(.*?)\]?:)?(\d+)$/.exec(at);
  const server = createHttpServer((request, response) => {
    note('request', { url: request.url });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ pid: process.pid, url: request.url, port: process.env.PORT ?? null }));
  });
  servers.set(at, server);
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      note('listen-failed', { at, code: error.code });
      process.stderr.write(`cannot listen on ${at}: ${error.code}\n`);
      reject(error);
    });
    server.listen({ port: Number(port), host, ipv6Only: host === '::1' }, () => {
      note('listening', { at });
      resolve();
    });
  });
}

function prefork(count) {
  cluster.setupPrimary({ args: process.argv.slice(2) });
  return Promise.all(Array.from({ length: count }, () => new Promise((resolve) => cluster.fork().once('listening', resolve))));
}

function child(how) {
  const [, kinds, port] = /^([^:]*)(?::(.*))?$/.exec(how);
  const wants = new Set(kinds.split('+'));
  const args = [
    process.argv[1],
    '--journal',
    values.journal,
    ...(port ? ['--port', port] : []),
    ...(wants.has('stubborn') ? ['--ignore', 'SIGTERM,SIGINT,SIGHUP'] : []),
  ];
  const options = { stdio: ['ignore', 'inherit', 'inherit'], detached: wants.has('setsid'), env: wants.has('bare') ? {} : process.env };
  const made = wants.has('orphan')
    ? spawn('/bin/sh', ['-c', '"$@" & echo >&3 $!', 'sh', process.execPath, ...args], { ...options, stdio: [...options.stdio, 'pipe'] })
    : spawn(process.execPath, args, options);
  if (!wants.has('orphan')) {
    note('child', { pid: made.pid, how });
    return new Promise((resolve) => made.once('spawn', resolve));
  }
  return new Promise((resolve) => {
    made.stdio[3].once('data', (text) => {
      note('child', { pid: Number(String(text)), how });
      resolve();
    });
  });
}

/** Restarts the child whenever it dies, like nodemon. Only a signal to this process ends it. */
function respawn() {
  const args = process.argv.slice(2).filter((arg) => arg !== '--respawn');
  const made = spawn(process.execPath, [process.argv[1], ...args], { stdio: 'inherit' });
  note('child', { pid: made.pid, how: 'respawn' });
  made.once('exit', () => (leaving ? process.exit(0) : respawn()));
  respawned = made;
}

function onSignal(name) {
  note('signal', { name, ignored: ignored.has(name) });
  if (ignored.has(name)) return;
  if (respawned) {
    leaving = true;
    respawned.kill(name);
  } else process.exit(name === 'SIGINT' ? 130 : 143);
}

function ignore(names) {
  for (const name of names) ignored.add(name);
}

function takeOrders() {
  if (!values.control) return keepAlive();
  if (existsSync(values.control)) rmSync(values.control);
  const server = createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8').on('error', () => socket.destroy());
    socket.on('data', async (chunk) => {
      text += chunk;
      if (!text.endsWith('\n')) return;
      const order = JSON.parse(text);
      text = '';
      try {
        await orders[order.do](order);
        socket.end('{"ok":true}\n');
      } catch (error) {
        socket.end(`${JSON.stringify({ ok: false, error: error.code ?? error.message })}\n`);
      }
    });
  });
  return new Promise((resolve) => server.listen(values.control, resolve));
}

/** A puppet that listens nowhere stays until it is told to go. */
function keepAlive() {
  setInterval(() => undefined, 2 ** 30);
}

function note(event, facts) {
  if (values.journal)
    appendFileSync(values.journal, `${JSON.stringify({ event, ...facts, pid: facts.pid ?? process.pid, by: process.pid })}\n`);
}
