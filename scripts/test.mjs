/**
 * `npm test`: all tests on this Node but those of the examples (`npm run test:examples`), then a check of the machine: no
 * process of this run may be left, and no port held; a leftover is a failure. Arguments are vitest's (`npm test -- --project
 * unit`). The last line counts passes and failures.
 *
 * DEVUP_EXPECT_NODE (`v24`) makes sure that the intended Node runs; DEVUP_TEST_JSON names a file for the counts;
 * DEVUP_FIND_FLAKY=1 runs each failed test again by itself (see flaky.mjs).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argumentsFor, sortFailures } from './flaky.mjs';
import { REPORT_VARIABLE } from './test-report.mjs';
import { processesOfRun, RUN_VARIABLE } from './world.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const expected = process.env.DEVUP_EXPECT_NODE;
/** The longest that all tests may take on two cores. */
const LONGEST_S = 360;
console.log(`tests run on Node ${process.version} (${process.execPath})`);
if (expected && process.version !== expected && !process.version.startsWith(`${expected}.`)) {
  console.error(`expected Node ${expected}, but this is ${process.version}`);
  process.exit(1);
}

const given = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'devup-test-'));
const whole = await runTests(given.some((argument) => /^--project(=|$)/.test(argument)) ? given : ['--project=!examples', ...given]);
const seconds = Math.round(performance.now() / 1000);
const { flaky, failed } =
  process.env.DEVUP_FIND_FLAKY === '1' ? await sortFailures(whole, runAlone) : { flaky: [], failed: whole.failures };
rmSync(folder, { recursive: true, force: true });

const failures = [...failed.map(textOf), ...whole.outside];
const counts = { passed: whole.passed + flaky.length, failed: failures.length };
if (process.env.DEVUP_TEST_JSON)
  writeFileSync(process.env.DEVUP_TEST_JSON, JSON.stringify({ ...counts, failures, flaky: flaky.map(textOf), skipped: whole.skipped }));
if (whole.skipped.length > 0) console.log(`skipped: ${whole.skipped.join('; ')}`);
console.log(`Node ${process.version}`);
console.log(
  `took ${seconds} s${given.length === 0 && seconds > LONGEST_S ? `, more than the ${LONGEST_S} s that all tests may take on two cores` : ''}`,
);
for (const failure of flaky) console.log(`flaky, passed alone: ${textOf(failure)}`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function textOf({ name, message }) {
  return `${name}\n${message}`;
}

function runAlone(failure) {
  console.log(`\nalone again: ${failure.name}`);
  return runTests(argumentsFor(failure));
}

/**
 * The report of one run of vitest (see test-report.mjs). A leftover counts as a failure outside a test, as does a run without a
 * report.
 */
async function runTests(args) {
  const file = join(folder, 'report.json');
  rmSync(file, { force: true });
  const run = `${Date.now().toString(36)}-${process.pid}`;
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      `--reporter=${join(root, 'scripts', 'test-report.mjs')}`,
      ...args,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, [RUN_VARIABLE]: run, [REPORT_VARIABLE]: file } },
  );
  const report = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, skipped: [], failures: [], outside: ['vitest left no report'] };
  const left = [
    ...processesOfRun(run).map(({ pid, command }) => `left over by the tests: pid ${pid}: ${command}`),
    ...(await portsOf(run)),
  ];
  for (const thing of left) console.error(thing);
  report.outside.push(...left);
  if (status !== 0 && report.failures.length + report.outside.length === 0) report.outside.push(`vitest ended with ${status}`);
  return report;
}

/** Ports that the rig reserved in this run (a file each, see test/rig/ports.ts), never gave back, and that a process holds. */
async function portsOf(run) {
  const reservations = join(tmpdir(), `devup-test-ports-${userInfo().uid}`);
  const held = [];
  for (const port of existsSync(reservations) ? readdirSync(reservations) : []) {
    const file = join(reservations, port);
    if (!readFileSync(file, 'utf8').endsWith(` ${run}`)) continue;
    rmSync(file);
    if (!(await canListen(Number(port)))) held.push(`left over by the tests: port ${port} is held`);
  }
  return held;
}

function canListen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
