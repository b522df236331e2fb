/**
 * Once per run: the published programs, in a folder without `node_modules` around it. So a rebuild of `dist` cannot disturb the
 * tests, and a module missing from the bundle is noticed.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The published `bin.cjs`. */
    devup: string;
    /** The same, with the code that lets tests plant failures. */
    devupForFailures: string;
    /** Every process of this run carries it in its environment. */
    run: string;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'devup-built-'));
  // Tests run it as other users, too.
  chmodSync(folder, 0o755);
  const build = join(import.meta.dirname, '..', '..', 'scripts', 'build.mjs');
  for (const [flag, name] of [
    ['--programs', 'dist'],
    ['--test', 'dist-test'],
  ] as const) {
    execFileSync(process.execPath, [build, flag, join(folder, name)], { stdio: ['ignore', 'inherit', 'inherit'] });
  }
  project.provide('devup', join(folder, 'dist', 'bin.cjs'));
  project.provide('devupForFailures', join(folder, 'dist-test', 'bin.cjs'));
  project.provide('run', process.env['DEVUP_TEST_RUN'] ?? `${Date.now().toString(36)}-${process.pid}`);
  return () => rmSync(folder, { recursive: true, force: true });
}
