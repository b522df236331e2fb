/**
 * Freeing a port with a foreign holder: a fresh C listener for every sample, the command's whole time, and whether the listener
 * is really gone; on the machine as it is, and with 1,000 other listeners. The listener's shell lives on, as a terminal's does;
 * a leftover, whose shell was killed, has its own bars. A parent with its own timer might restart the listener: devup waits a
 * quarter of a second for that, which has a row, but no bar. The limit is a C program that reads /proc and kills.
 */
import { stackOf } from '../rig/lifetime.mjs';
import { listeningPorts } from '../rig/proc.mjs';
import { interleaved } from '../rig/statistics.mjs';

const OTHERS = 1000;
const HERE = 'the machine as it is';
/** Starts the listener, and lives on. Its own output is closed, so that the listener alone holds the pipe. */
const PARENTS = {
  shell: (argv) => ['sh', '-c', '"$@" & exec >&-; sleep 1000 & wait', 'sh', ...argv],
  timer: (argv) => [process.execPath, '-e', WITH_A_TIMER, ...argv],
};
const WITH_A_TIMER =
  "require('child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' }); require('fs').closeSync(1); setInterval(() => {}, 1e6)";
const LEFTOVER = 'devup kill, a leftover';
const CROWDED = `${OTHERS} other listeners`;

export const kill = {
  name: 'kill',
  title: 'Freeing a port',
  async run({ rig, quick, say }) {
    const groups = {};
    const commands = commandsOf(rig);
    const names = Object.keys(commands);
    const measure = (name) => (commands[name] ? freed(rig, commands[name]) : nothing(rig));
    say(HERE);
    groups[HERE] = await interleaved(names, quick ? 3 : 15, measure, { warm: true });
    say(CROWDED);
    const first = stackOf(rig, OTHERS).services[0];
    const crowd = await rig.helper([rig.helpers.limit, 'together', OTHERS, first.port, ...first.argv.slice(0, -1)]);
    try {
      await allListen(first.port, OTHERS);
      groups[CROWDED] = await interleaved(quick ? names.filter((name) => !name.endsWith('3 ports')) : names, quick ? 3 : 9, measure);
    } finally {
      crowd.kill('SIGTERM');
      await new Promise((resolve) => crowd.once('exit', resolve));
      rig.sweep();
    }
    return groups;
  },
  bars: [
    ...againstOthers('one port', 'devup kill'),
    ...againstOthers('a leftover', LEFTOVER),
    {
      what: '`devup kill`, three ports against one',
      most: 1.2,
      figure: (m) => m.ratio(HERE, 'wallMs', 'devup kill, 3 ports', 'devup kill'),
    },
    { what: '`devup kill`: listeners that survived', unit: '', most: 0, figure: (m) => m.most('survived', 'devup kill') },
  ],
};

function againstOthers(what, name) {
  const bar = (group, other, most, where = '') => ({
    what: `\`devup kill\`, ${what}${where}, against ${other.replace('|', '\\|')}`,
    most,
    figure: (m) => m.ratio(group, 'wallMs', name, other),
  });
  return [
    bar(HERE, 'kill-port', 0.5),
    bar(HERE, 'fkill', 0.3),
    bar(HERE, 'lsof | xargs kill -9', 1.3),
    bar(CROWDED, 'lsof | xargs kill -9', 1, `, ${CROWDED}`),
  ];
}

/** `{ name: { ports, argv(ports) } }`; null stands for the smallest process of Node. */
function commandsOf(rig) {
  const { paths } = rig.peers;
  return {
    'node -e 0': null,
    'limit (C)': { ports: 1, argv: ([port]) => [rig.helpers.who, port, '--kill'] },
    'devup kill': { ports: 1, argv: (ports) => rig.devup('kill', ...ports) },
    'devup kill, 3 ports': { ports: 3, argv: (ports) => rig.devup('kill', ...ports) },
    'devup kill, a parent with a timer': { ports: 1, parent: 'timer', argv: (ports) => rig.devup('kill', ...ports) },
    [LEFTOVER]: { ports: 1, leftover: true, argv: (ports) => rig.devup('kill', ...ports) },
    'kill-port': { ports: 1, argv: ([port]) => [paths['kill-port'], port] },
    'kill-port, 3 ports': { ports: 3, argv: (ports) => [paths['kill-port'], ...ports] },
    fkill: { ports: 1, argv: ([port]) => [paths.fkill, '--force', `:${port}`] },
    ...(paths.fuser && { 'fuser -k': { ports: 1, argv: ([port]) => [paths.fuser, '-k', `${port}/tcp`] } }),
    ...(paths.lsof && {
      'lsof | xargs kill -9': { ports: 1, argv: ([port]) => ['sh', '-c', `lsof -nP -tiTCP:${port} -sTCP:LISTEN | xargs kill -9`] },
    }),
  };
}

function nothing(rig) {
  const { wallMs, cpuMs } = rig.succeeding([process.execPath, '-e', '0']);
  return { wallMs, cpuMs };
}

async function freed(rig, { ports, parent = 'shell', leftover = false, argv }) {
  const { services } = stackOf(rig, ports);
  const holders = await Promise.all(services.map((service) => rig.helper(PARENTS[parent](service.argv))));
  // The output closes with the listener.
  const ended = holders.map((holder) => new Promise((resolve) => holder.stdout.resume().once('end', resolve)));
  const over = holders.map((holder) => new Promise((resolve) => holder.once('exit', resolve)));
  if (leftover) await Promise.all(holders.map(orphaned));
  const measured = rig.timed(argv(services.map(({ port }) => String(port))));
  // A killed listener is gone when the command returns; only the event may still be on its way.
  const survived = await Promise.all(ended.map((end) => Promise.race([end.then(() => 0), soon().then(() => 1)])));
  for (const holder of holders) endGroup(holder.pid);
  await Promise.all([...ended, ...over]);
  return { wallMs: measured.wallMs, cpuMs: measured.cpuMs, survived: survived.reduce((a, b) => a + b) };
}

/** Only the shell: its child lives on. */
async function orphaned(holder) {
  const exited = new Promise((resolve) => holder.once('exit', resolve));
  holder.kill('SIGKILL');
  await exited;
}

/** The parent with the process that it waits for, and a listener that survived. */
function endGroup(pgid) {
  try {
    process.kill(-pgid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 100));

async function allListen(first, count) {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const taken = listeningPorts();
    let up = 0;
    while (up < count && taken.has(first + up)) up++;
    if (up === count) return;
    await soon();
  }
  throw new Error(`not all ${count} listeners came up`);
}
