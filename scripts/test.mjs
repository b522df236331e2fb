/**
 * `npm test`: all tests on this Node but those of the examples (`npm run test:examples`), then a look at the machine: no
 * process of this run may be left, and no port held. Arguments are vitest's (`npm test -- --project unit`). The last line
 * counts what passed and what failed; anything left over is a failure.
 *
 * DEVUP_EXPECT_NODE (`v24`) makes sure that the intended Node runs; DEVUP_TEST_JSON names a file for the counts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processesOfRun, RUN_VARIABLE } from './world.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const expected = process.env.DEVUP_EXPECT_NODE;
console.log(`tests run on Node ${process.version} (${process.execPath})`);
if (expected && process.version !== expected && !process.version.startsWith(`${expected}.`)) {
  console.error(`expected Node ${expected}, but this is ${process.version}`);
  process.exit(1);
}

const given = process.argv.slice(2);
const chosen = given.some((argument) => /^--project(=|$)/.test(argument)) ? given : ['--project=!examples', ...given];
const folder = mkdtempSync(join(tmpdir(), 'devup-test-'));
const report = join(folder, 'report.json');
const run = `${Date.now().toString(36)}-${process.pid}`;
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...chosen,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, [RUN_VARIABLE]: run } },
);

const counts = readCounts();
const left = [...processesOfRun(run).map(({ pid, command }) => `pid ${pid}: ${command}`), ...(await portsOfRun())];
for (const thing of left) console.error(`left over by the tests: ${thing}`);
const failed = counts.failed + left.length + (status !== 0 && counts.failed === 0 ? 1 : 0);
if (process.env.DEVUP_TEST_JSON)
  writeFileSync(
    process.env.DEVUP_TEST_JSON,
    JSON.stringify({ passed: counts.passed, failed, failures: [...counts.failures, ...left], skipped: counts.skipped }),
  );
rmSync(folder, { recursive: true, force: true });
if (counts.skipped.length > 0) console.log(`skipped: ${counts.skipped.join('; ')}`);
console.log(`Node ${process.version}`);
console.log(`${counts.passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Without a report vitest itself did not run, which is one failure. A file that fails to load has no tests to count. */
function readCounts() {
  let text;
  try {
    text = readFileSync(report, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { passed: 0, failed: 1, failures: ['vitest left no report'], skipped: [] };
  }
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(text);
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failures = [
    ...brokenFiles.map(({ name, message }) => `${name}\n${message}`),
    ...tests
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${fullName}\n${withoutLibraries(failureMessages.join('\n'))}`),
  ];
  const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName);
  return { passed: numPassedTests, failed: numFailedTests + brokenFiles.length, failures, skipped };
}

/** Ports that the rig reserved in this run (a file each, see test/rig/ports.ts), never gave back, and that somebody holds. */
async function portsOfRun() {
  const reservations = join(tmpdir(), `devup-test-ports-${userInfo().uid}`);
  const held = [];
  for (const port of existsSync(reservations) ? readdirSync(reservations) : []) {
    const file = join(reservations, port);
    if (!readFileSync(file, 'utf8').endsWith(` ${run}`)) continue;
    rmSync(file);
    if (!(await canListen(Number(port)))) held.push(`port ${port} is held`);
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

function withoutLibraries(stack) {
  return stack.replace(/\n {4}at [^\n]*(node_modules|<anonymous>)[^\n]*/g, '');
}
