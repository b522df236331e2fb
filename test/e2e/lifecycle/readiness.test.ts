/** When a service counts as ready, and what devup reports when it does not become so. */
import { describe, expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { test } from '../../rig/rig.ts';
import { FAST_WATCH, node, tell, up } from './stack.ts';

/** `setInterval` keeps a program without a port alive. */
const STAY = 'setInterval(() => {}, 1e6);';
const server = (answer: string) => node(`require('node:http').createServer((request, response) => { ${answer} }).listen(process.env.PORT)`);

describe.concurrent('readiness', () => {
  // status   body   redirect   moved: independent
  test('http waits for the status and the body, and does not follow a redirect', async ({ rig }) => {
    const ports = await Promise.all([0, 1, 2].map(() => rig.port()));
    const slowly = 'globalThis.n = (globalThis.n ?? 0) + 1;';
    const service = (i: number, answer: string, ready: object) => ({
      port: ports[i],
      command: server(answer),
      ready: { interval: '20ms', timeout: '20s', ...ready },
      dependsOn: [],
    });
    rig.config({
      status: service(0, `${slowly} response.writeHead(n < 3 ? 500 : 204).end()`, { http: '/health', status: 204 }),
      body: service(1, `${slowly} response.end(n < 3 ? 'warming up' : 'all is well')`, { http: '/', body: 'is well' }),
      redirect: service(2, `if (request.url !== '/') process.exit(1); response.writeHead(302, { location: '/elsewhere' }).end()`, {
        http: '/',
      }),
    });
    const stack = up(rig);
    for (const name of ['status', 'body', 'redirect']) await stack.until(name, 'ready');
    await stack.stop();
  });

  test('log finds a text in any chunks of the output, and a pattern with its flags', async ({ rig }) => {
    const inPieces = `const say = (parts) => parts.length && process.stdout.write(parts[0], () => setTimeout(say, 30, parts.slice(1)));`;
    rig.config({
      text: {
        command: node(`${STAY}${inPieces} say(['Server rea', 'dy on port', ' 1\\n'])`),
        ready: { log: 'ready on port 1' },
        dependsOn: [],
      },
      flags: {
        command: node(`${STAY}console.error('\\x1b[32mUP\\x1b[0m AND RUNNING')`),
        ready: { log: { source: '^up and', flags: 'gi' } },
        dependsOn: [],
      },
    });
    const stack = up(rig);
    await stack.until('text', 'ready');
    await stack.until('flags', 'ready');
    await stack.stop();
  });

  test('a list of tests is ready when all hold: a file made, and a line printed', async ({ rig }) => {
    const worker = rig.puppet('worker', '--print', 'begun');
    rig.config({ worker: { command: worker.command, cwd: '.', ready: [{ log: 'begun' }, { command: 'test -e made', interval: '20ms' }] } });
    const stack = up(rig);
    await stack.untilEvent('the line', ({ text }) => text?.includes('begun') === true);
    expect((await stack.status())['worker']?.state).toBe('starting');
    rig.write('made', '');
    await stack.until('worker', 'ready');
    await stack.stop();
  });

  // squatted: a foreign process answers 200 on ::1 while the service only listens on 127.0.0.1, on another port
  test('a port that is not required is not waited for', async ({ rig }) => {
    const [main, debug] = [await rig.port(), await rig.port()];
    const web = rig.puppet('web', '--port', main);
    rig.config({ web: { ports: { http: main, debug: { port: debug, required: false } }, command: web.command } });
    const stack = up(rig);
    await stack.until('web', 'ready');
    await stack.stop();
  });

  test('a service that ends while a foreign process answers on its port is not ready, and that process is named', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--wait');
    rig.config({ web: { port, command: web.command, ready: { http: '/' }, onConflict: 'fail' } });
    const stack = up(rig);
    await stack.until('web', 'starting');
    const { process } = await rig.squat({ how: 'listen', port });
    await tell(web, { do: 'exit', code: 4 });
    const { problem } = await stack.until('web', 'failed');
    expect(problem?.code).toBe('E201');
    expect(JSON.stringify(problem)).toContain(`pid ${process.pid}`);
    expect(stack.states('web')).not.toContain('ready');
    expect((await stack.running.exited).code).toBe(4);
    process.signal('SIGTERM');
  });

  test('a service that ends before it is ready is reported with its exit code and last 20 lines', async ({ rig }) => {
    const port = await rig.port();
    rig.config({ web: { port, command: node(`for (let i = 1; i <= 40; i++) console.log('line ' + i); process.exitCode = 9`) } });
    const answer = await rig.devup(['start', '-d']);
    expect(answer.code).toBe(7);
    expect(answer.stderr).toContain('web exited with code 9 before it was ready');
    for (const shown of [21, 40]) expect(answer.stderr).toMatch(new RegExp(`line ${shown}$`, 'm'));
    expect(answer.stderr).not.toMatch(/line 20$/m);
  });

  test('a listener on another port causes a warning, and the timeout names it', async ({ rig }) => {
    const [port, other] = [await rig.port(), await rig.port()];
    rig.config({ web: { port, command: rig.puppet('web', '--port', other).command, ready: { port: true, timeout: '2500ms' } } });
    const answer = await rig.devup(['start', '-d']);
    expect(answer.code).toBe(5);
    expect(answer.stderr).toContain(`listens on ${other}, not ${port}`);
    expect(answer.stderr).toContain('E104');
  });

  // web: ready by its port, and asked for its health on another port and another address
  test('a test of http or tcp that asks where nothing answers names where the service listens', async ({ rig }) => {
    const [port, other, theirs] = [await rig.port(), await rig.port(), await rig.port()];
    const web = rig.puppet('web', '--port', `127.0.0.1:${port}`);
    for (const [test, failed] of [
      [{ http: `http://localhost:${other}/up` }, `http://localhost:${other}/up failed: ECONNREFUSED`],
      [{ tcp: `[::1]:${port}` }, `nothing accepts connections on [::1]:${port} (`],
    ] as const) {
      rig.config({ web: { port, command: web.command, health: { ...test, interval: '50ms', retries: 1 }, restart: 'no' } });
      const stack = up(rig);
      const { problem } = await stack.until('web', 'unhealthy');
      expect(problem?.why).toContain(failed);
      expect(problem?.why).toMatch(new RegExp(`; it listens on 127\\.0\\.0\\.1:${port}$`));
      await stack.stop();
    }
    const { process } = await rig.squat({ how: 'listen', port: theirs, host: '127.0.0.1' });
    rig.config({ db: { port: theirs, ready: { tcp: `[::1]:${theirs}`, timeout: '200ms', interval: '20ms' } } });
    expect((await rig.devup(['start', '-d'])).stderr).toContain(`; it listens on 127.0.0.1:${theirs}`);
    process.signal('SIGTERM');
  });

  test('the first error of the run is told beside its last lines', async ({ rig }) => {
    const port = await rig.port();
    const program = `console.error('Booting\\nError: no database\\n    at boot'); for (let i = 0; i < 30; i++) console.log('bye ' + i);`;
    const command = node(`${program} process.exitCode = 3`);
    rig.config({ web: { port, command } });
    const ended = await rig.devup(['start', '-d']);
    expect(ended.stderr).toMatch(/^why {2}first error: Error: no database$/m);
    expect(ended.stderr).toMatch(/│ bye 29$/m);
    rig.config({ web: { port, command: `echo 'Error: no database' >&2; exec sleep 1000`, ready: { port: true, timeout: '3s' } } });
    const late = await rig.devup(['start', '-d', '--json']);
    const why = expect.stringContaining('; first error: Error: no database');
    expect(JSON.parse(late.stdout.trimEnd().split('\n').at(-2) ?? '')).toMatchObject({
      error: { code: 'E104', firstError: 'Error: no database', why },
    });
  });

  // master: starts a worker that ends at once, again and again
  test('F33: a crash loop inside a service is named while it starts', async ({ rig }) => {
    const port = await rig.port();
    const worker = `setTimeout(() => process.exit(1), 100)`;
    const loop = `const start = () => require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(worker)}]).on('exit', start);`;
    rig.config({ web: { port, command: node(`${STAY}${loop} start()`) } });
    const stack = up(rig);
    const { text } = await stack.untilEvent(
      'the loop',
      (event) => event.type === 'notice' && event.text?.includes('keeps starting') === true,
    );
    expect(text).toMatch(/^web keeps starting a process that ends \(at least \d+ times in .*\): .*node.* -e setTimeout/);
    await stack.stop();
  });

  // web: accepts connections and never answers, which holds up its test   seed: a task
  test('a start that takes long tells the last line of output, of a task too', async ({ rig }) => {
    const port = await rig.port();
    const print = `console.log('Compiling \\x1b[5nthings\\n');`;
    const silent = `require('node:net').createServer(() => {}).listen(process.env.PORT);`;
    rig.config({
      web: { port, command: node(`${print}${silent}`), ready: { http: '/' }, dependsOn: [] },
      seed: { command: node(`${STAY}${print}`), ready: { exit: 0 }, dependsOn: [] },
    });
    const start = rig.start(['start', '-d']);
    for (const name of ['web', 'seed'])
      await start.waitForOutput(new RegExp(`${name} is still starting after 5[.\\d]* s: Compiling \\^\\[\\[5nthings`), 'stderr');
    start.signal('SIGINT');
    await start.exited;
    expect(start.stderr.match(/is still starting/g)?.length).toBe(2);
  });

  // cache: external, found by a connection   worker ← cache: has no port, and waits for a second listener
  test('tcp waits until a connection is accepted, also for an external service', async ({ rig }) => {
    const [mine, theirs] = [await rig.port(), await rig.port()];
    const { process } = await rig.squat({ how: 'listen', port: theirs });
    const worker = rig.puppet('worker', '--wait');
    rig.config({
      cache: { ready: { tcp: theirs } },
      worker: { command: worker.command, cwd: '.', ready: { tcp: `localhost:${mine}`, interval: '20ms' } },
    });
    const stack = up(rig);
    await stack.until('cache', 'external');
    await stack.until('worker', 'starting');
    await tell(worker, { do: 'listen', at: mine });
    await stack.until('worker', 'ready');
    await stack.stop();
    process.signal('SIGTERM');
  });

  test('a timeout names the address that accepts no connections', async ({ rig }) => {
    const port = await rig.port();
    rig.config({ worker: { command: node(STAY), ready: { tcp: `localhost:${port}`, timeout: '500ms', interval: '50ms' } } });
    const answer = await rig.devup(['start', '-d']);
    expect(answer.code).toBe(5);
    expect(answer.stderr).toContain(`nothing accepts connections on localhost:${port} (ECONNREFUSED)`);
  });

  test('a timeout names the tests that did not pass', async ({ rig }) => {
    const port = await rig.port();
    rig.config({
      web: { port, command: server('response.writeHead(503).end()'), ready: { http: '/health', timeout: '700ms', interval: '50ms' } },
    });
    const answer = await rig.devup(['start', '-d']);
    expect(answer.code).toBe(5);
    expect(answer.stderr).toMatch(/\/health.*503/);
  });

  test('F16: a daemon whose first process exited with 0 becomes ready, is watched, and is ended', async ({ rig }) => {
    const port = await rig.port();
    const daemon = rig.puppet('daemon', '--child', `setsid+orphan:${port}`, '--exit', 0);
    rig.config({ daemon: { port, command: daemon.command, restart: 'no' } });
    const stack = up(rig, [], FAST_WATCH);
    await stack.until('daemon', 'ready');
    const first = await daemon.waitFor('started', 2);
    expect((await stack.status())['daemon']).toMatchObject({ state: 'ready', verdict: 'ours', pid: first.pid });
    process.kill(first.pid, 'SIGKILL');
    const { problem } = await stack.until('daemon', 'failed');
    expect(problem?.code).toBe('E101');
    expect((await stack.running.exited).code).toBe(7);
  });

  test('an external service is awaited, found and lost, and never signalled', async ({ rig }) => {
    const port = await rig.port();
    rig.config({ db: { port, ready: { http: '/', interval: '30ms' } }, web: { command: ['sleep', '1000'] } });
    const stack = up(rig, [], FAST_WATCH);
    await stack.until('db', 'waiting');
    const db = rig.puppet('db', '--port', port);
    const running = rig.spawn(db.command);
    await stack.until('web', 'ready');
    expect((await stack.status())['db']).toMatchObject({ state: 'external' });
    await tell(db, { do: 'close', at: port });
    const { problem } = await stack.until('db', 'failed');
    expect(problem?.code).toBe('E116');
    await stack.untilEvent('web to be told', ({ type, service }) => type === 'notice' && service === 'web');
    expect(stack.states('web').at(-1)).toBe('ready');
    await stack.stop();
    expect(running.alive).toBe(true);
    expect(db.journal().filter(({ event }) => event === 'signal')).toEqual([]);
  });

  test('an external service with only a port is ready when that port has a listener', async ({ rig }) => {
    const port = await rig.port();
    rig.config({ mail: { port, ready: { port: true, timeout: '200ms', interval: '20ms' } } });
    const missing = await rig.devup(['start', '-d']);
    expect(missing).toMatchObject({ code: 5, stderr: expect.stringContaining(`nothing listens on ${port}`) });
    const mail = rig.puppet('mail', '--port', port);
    rig.spawn(mail.command);
    await mail.waitFor('listening');
    expect(await rig.devup(['start', '-d'])).toMatchObject({ code: 0 });
    expect(await rig.devup(['stop'])).toMatchObject({ code: 0 });
  });

  test('an external service with another host is tested there, not on this machine', async ({ rig }) => {
    const [port, elsewhere] = [await rig.port(), await rig.port()];
    const db = rig.puppet('db', '--port', elsewhere);
    rig.spawn(db.command);
    await db.waitFor('listening');
    // Any address that is not known to be this machine's; `port` is free here.
    rig.config({ db: { port, host: '0.0.0.0', ready: { http: `http://localhost:${elsewhere}/`, interval: '30ms' } } });
    const stack = up(rig, [], FAST_WATCH);
    await stack.until('db', 'external');
    // Once before it was adopted, twice since.
    await db.waitFor('request', 3);
    expect((await stack.status())['db']).toMatchObject({ state: 'external' });
    await tell(db, { do: 'close', at: elsewhere });
    const { problem } = await stack.until('db', 'failed');
    expect(problem?.code).toBe('E116');
    expect((await stack.running.exited).code).toBe(7);
  });

  test('reuse adopts a holder that passes the test, and refuses one that does not', async ({ rig }) => {
    const port = await rig.port();
    const db = rig.puppet('db', '--port', port);
    const running = rig.spawn(db.command);
    await db.waitFor('listening');
    const own = rig.puppet('own', '--port', port);
    rig.config({ db: { port, command: own.command, onConflict: 'reuse', ready: { http: '/' } } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ services: [{ state: 'external', verdict: 'external' }] });
    const stopped = await rig.devup(['stop']);
    expect(stopped).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^left db running, which devup did not start\n/),
    });
    expect(own.journal()).toEqual([]);
    expect(running.alive).toBe(true);
    rig.config({ db: { port, command: own.command, onConflict: { reuse: { command: 'false', interval: '1s' } }, ready: { http: '/' } } });
    const refused = await rig.devup(['start', '-d']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('E203');
    expect(running.alive).toBe(true);
  });

  test('with `listener: any`, any holder of the port is accepted', async ({ rig }) => {
    const port = await rig.port();
    const opener = rig.puppet('opener');
    rig.config({ opener: { port, command: opener.command, listener: 'any' } });
    const stack = up(rig);
    await stack.until('opener', 'starting');
    const other = rig.puppet('other', '--port', port);
    rig.spawn(other.command);
    await stack.until('opener', 'ready');
    expect((await stack.status())['opener']).toMatchObject({ state: 'ready', verdict: 'external' });
    await stack.stop();
    expect(other.journal().filter(({ event }) => event === 'signal')).toEqual([]);
  });
});

describe.concurrent('a running service', () => {
  test('a service that stops listening is unhealthy after two polls, and ready again by itself, without a restart', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port);
    rig.config({ web: { port, command: web.command, restart: 'always' } });
    const stack = up(rig, [], FAST_WATCH);
    await stack.until('web', 'ready');
    await tell(web, { do: 'close', at: port });
    const { problem } = await stack.until('web', 'unhealthy');
    expect(problem).toMatchObject({ code: 'E107', message: `web runs but no longer listens on ${port}` });
    await tell(web, { do: 'listen', at: port });
    await stack.until('web', 'ready', 2);
    expect(stack.states('web').filter((state) => state === 'starting')).toHaveLength(1);
    await stack.stop();
  });

  // runner: nodemon, `node --watch`, tsx · leaver: `next dev` · shell: npm, `sh -c`
  test('below which the server is killed says what is left of it, how that ended, and how to start it again', async ({ rig }) => {
    const wrapper = (onExit: string) =>
      node(`const { spawn } = require('node:child_process');
        const serve = "require('node:http').createServer().listen(process.env.PORT)";
        const server = spawn(process.execPath, ['-e', serve], { stdio: 'inherit' });
        console.log('server ' + server.pid);
        server.on('exit', (code, signal) => { ${onExit} });
        setInterval(() => {}, 1e6);`);
    const wrappers = { runner: '', leaver: 'process.exit(0)', shell: 'process.exit(128 + 9)' };
    const services: Record<string, object> = {};
    for (const [name, onExit] of Object.entries(wrappers))
      services[name] = { port: await rig.port(), command: wrapper(onExit), restart: 'no', dependsOn: [] };
    rig.config(services);
    const stack = up(rig, [], FAST_WATCH);
    for (const name of Object.keys(wrappers)) {
      await stack.until(name, 'ready');
      const said = await stack.untilEvent('its server', ({ service, text }) => service === name && text?.includes('server ') === true);
      process.kill(Number(/server (\d+)/.exec(said.text as string)?.[1]), 'SIGKILL');
    }
    await stack.until('runner', 'unhealthy');
    expect((await stack.until('leaver', 'stopped')).problem).toMatchObject({ code: 'E101', message: 'leaver exited with code 0' });
    expect((await stack.until('shell', 'failed')).problem?.message).toBe('shell exited with code 137 (SIGKILL ended a process of it)');
    const shown = (await stack.devup('status')).stdout;
    expect(shown).toMatch(/E107 runner.*\n {2}fix {2}devup logs runner {2}then {2}devup restart runner {2}\(it is ready again by itself/);
    expect(shown).toMatch(/E101 leaver exited with code 0: it ended by itself\n {2}fix {2}devup logs leaver {2}then {2}devup start leaver/);
    expect((await stack.devup('start', '-d', 'leaver')).code).toBe(0);
    expect((await stack.status())['leaver']).toMatchObject({ state: 'ready', problem: null });
    expect((await stack.devup('stop', 'leaver')).code).toBe(0);
    expect((await stack.status())['leaver']).toMatchObject({ state: 'stopped', problem: null });
    await stack.stop();
  });

  test('beside a foreign process on its port is unhealthy at once', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', `::1:${port}`);
    rig.config({ web: { port, command: web.command } });
    const stack = up(rig, [], FAST_WATCH);
    await stack.until('web', 'ready');
    const { process, pids } = await rig.squat({ how: 'listen', port, host: '127.0.0.1' });
    const { problem } = await stack.until('web', 'unhealthy');
    expect(problem?.code).toBe('E108');
    expect(`${problem?.message} ${problem?.why}`).toContain(String(pids[0]));
    process.signal('SIGKILL');
    await stack.until('web', 'ready', 2);
    await stack.stop();
  });

  test('that fails its health check is unhealthy, and restarted if restart and the check itself say so', async ({ rig }) => {
    const [a, b, c] = [await rig.port(), await rig.port(), await rig.port()];
    const [restarted, left, shown] = [
      rig.puppet('restarted', '--port', a),
      rig.puppet('left', '--port', b),
      rig.puppet('shown', '--port', c),
    ];
    const health = { http: '/', interval: '50ms', retries: 2 };
    rig.config({
      restarted: {
        port: a,
        command: restarted.command,
        health,
        restart: { policy: 'on-failure', backoff: { initial: '10ms', max: '10ms' } },
        dependsOn: [],
      },
      left: { port: b, command: left.command, health, restart: 'no', dependsOn: [] },
      shown: { port: c, command: shown.command, health: { ...health, restart: false }, restart: 'always', dependsOn: [] },
    });
    const stack = up(rig);
    for (const puppet of [restarted, left, shown]) await tell(puppet, { do: 'status', status: 200 });
    for (const name of ['restarted', 'left', 'shown']) await stack.until(name, 'ready');
    await tell(restarted, { do: 'status', status: 500 });
    expect((await stack.until('restarted', 'unhealthy')).problem?.code).toBe('E109');
    await stack.until('restarted', 'ready', 2);
    expect(stack.states('restarted').filter((state) => state === 'starting')).toHaveLength(2);
    for (const [name, puppet] of [
      ['left', left],
      ['shown', shown],
    ] as const) {
      await tell(puppet, { do: 'status', status: 500 });
      expect((await stack.until(name, 'unhealthy')).problem?.code).toBe('E109');
      await tell(puppet, { do: 'status', status: 200 });
      await stack.until(name, 'ready', 2);
      expect(stack.states(name).filter((state) => state === 'starting')).toHaveLength(1);
    }
    await eventually('status to agree', async () => (await stack.status())['restarted']?.restarts === 1);
    await stack.stop();
  });
});
