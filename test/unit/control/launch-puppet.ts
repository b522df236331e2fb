/** Bundled and run by `launch.test.ts`: a supervisor that behaves as its first argument says, or a launcher of one. */
import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { launch } from '../../../src/control/launch.ts';
import { reportTo } from '../../../src/control/report.ts';

const [mode = '', notes = '', log = ''] = process.argv.slice(2);
const note = (text: string) => appendFileSync(notes, `${text}\n`);
const done = (exitCode: number) => JSON.stringify({ type: 'done', ok: exitCode === 0, exitCode });
/** Runs until it is killed. */
const stay = () => void setInterval(() => {}, 1000);

const MODES = new Map<string, () => Promise<void>>([
  [
    'ready',
    async () => {
      const report = reportTo(3);
      report.gone.then(() => note('gone'));
      setFlagsFromString('--allow-natives-syntax');
      note(`maglev ${new Function('return %IsMaglevEnabled()')()}, flags ${process.execArgv.join(' ')}`);
      note(`pid ${process.pid}`);
      await report.line(JSON.stringify({ type: 'state', service: 'ä', state: 'ready' }));
      await report.end(done(0));
      stay();
    },
  ],
  [
    'fails',
    async () => {
      const report = reportTo(3);
      note(`pid ${process.pid}`);
      await report.end(JSON.stringify({ type: 'done', ok: false, exitCode: 3, ends: true }));
      process.once('SIGTERM', () => process.exit(3));
      stay();
    },
  ],
  [
    'dies',
    async () => {
      reportTo(3);
      console.error('no such thing\nas a config');
      process.exitCode = 70;
    },
  ],
  [
    'starting',
    async () => {
      const report = reportTo(3);
      process.once('SIGTERM', async () => {
        note('undone');
        await report.end(done(143));
        process.exit(143);
      });
      process.once('SIGQUIT', () => process.exit(131));
      report.gone.then(() => {
        note('gone');
        process.exit(1);
      });
      await report.line(JSON.stringify({ type: 'state', pid: process.pid }));
      stay();
    },
  ],
  [
    'stubborn',
    async () => {
      process.on('SIGTERM', () => note('ignored'));
      process.once('SIGQUIT', () => process.exit(131));
      await reportTo(3).line(JSON.stringify({ type: 'state', pid: process.pid }));
      stay();
    },
  ],
  [
    'launcher',
    async () => {
      const result = await launch({
        execPath: process.execPath,
        bin: process.argv[1] as string,
        argv: [process.argv[5] as string, notes],
        cwd: process.cwd(),
        env: process.env,
        log,
        onLine: (line) => console.log(line),
        signal: new AbortController().signal,
      });
      console.log(JSON.stringify(result));
    },
  ],
]);

await MODES.get(mode)?.();
