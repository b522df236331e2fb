/**
 * Loads configs as users' machines do: with a bundle in a separate process, in which only Node compiles and imports. Projects
 * lie in a temporary folder far from this repository's packages.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { ConfigLocation } from '../../../src/config/find/find.ts';
import type { ConfigProblem } from '../../../src/model/config-problem.ts';
import type { Failure } from '../../../src/model/failure.ts';
import type { Result } from '../../../src/model/result.ts';
import type { Stack } from '../../../src/model/service.ts';
import type { Request } from './loader-process.ts';
import { withoutPackages } from './without-packages.ts';

const repository = path.resolve(import.meta.dirname, '../../..');
const version = '0.0.0-test';

type Wish<R> = R extends unknown ? Omit<R, 'id'> : never;

export class Loader {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'devup-config-')));
  readonly home = path.join(this.folder, 'home');
  readonly #packages: boolean;
  #child: ChildProcess | null = null;
  #count = 0;
  stdout = '';
  stderr = '';

  /** `without packages`: the answer is null where a package would be needed. */
  constructor(kind: 'with packages' | 'without packages' = 'with packages') {
    this.#packages = kind === 'with packages';
  }

  /** The bundle, and a process that runs it. */
  async open(): Promise<void> {
    mkdirSync(this.home);
    await build({
      absWorkingDir: repository,
      entryPoints: ['test/unit/config/loader-process.ts'],
      outdir: path.join(this.folder, 'bundle'),
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'error',
      // As in the build: the package's own main file requires its parts in a way that cannot be bundled.
      alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
      plugins: this.#packages ? [] : [withoutPackages],
      banner: { js: `import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);` },
    });
    await this.#start();
  }

  async close(): Promise<void> {
    await this.#end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A folder with these files; its real path. */
  project(files: Readonly<Record<string, string>>): string {
    const root = mkdtempSync(path.join(this.folder, 'project-'));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), text);
    }
    return root;
  }

  find(
    cwd: string,
    options: { readonly explicit?: string; readonly env?: Record<string, string> } = {},
  ): Promise<Result<ConfigLocation, Failure>> {
    return this.ask({
      do: 'find',
      options: { cwd, explicit: options.explicit ?? null, env: options.env ?? {}, home: this.home },
    }) as Promise<Result<ConfigLocation, Failure>>;
  }

  load(
    file: string,
    options: { readonly env?: Record<string, string>; readonly timeoutMs?: number } = {},
  ): Promise<Result<Stack, Failure>> {
    return this.ask({ do: 'load', ...this.#wish(file, options) }) as Promise<Result<Stack, Failure>>;
  }

  ask(wish: Wish<Request>): Promise<unknown> {
    const child = this.#child as ChildProcess;
    const id = ++this.#count;
    if (!child.connected) return Promise.reject(new Error(`the loading process has ended: ${this.stderr}`));
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`the loading process ended: ${this.stderr}`));
      const answered = (message: { readonly id: number; readonly answer: unknown }) => {
        if (message?.id !== id) return;
        child.off('message', answered);
        child.off('close', ended);
        resolve(message.answer);
      };
      child.on('message', answered);
      // An answer may still be in the channel at `exit`.
      child.once('close', ended);
      child.send({ ...wish, id });
    });
  }

  /** Resolves when the process, or a config in it, sends this word. */
  said(word: string): Promise<void> {
    const child = this.#child as ChildProcess;
    return new Promise((resolve) => {
      const heard = (message: unknown) => {
        if (message !== word) return;
        child.off('message', heard);
        resolve();
      };
      child.on('message', heard);
    });
  }

  /** Ends the process with a signal and starts another one; returns how it ended. */
  async interrupt(signal: NodeJS.Signals): Promise<NodeJS.Signals | null> {
    const child = this.#child as ChildProcess;
    const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    child.kill(signal);
    const [, by] = await exit;
    await this.#start();
    return by;
  }

  #wish(file: string, options: { readonly env?: Record<string, string>; readonly timeoutMs?: number }) {
    const { env = {}, ...rest } = options;
    const location = { file, root: path.dirname(file) };
    return { location, context: { env: { HOME: this.home, ...env }, version, ...rest } };
  }

  async #start(): Promise<void> {
    const child = fork(path.join(this.folder, 'bundle', 'loader-process.mjs'), {
      cwd: this.home,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
    });
    child.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.#child = child;
    await once(child, 'message');
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.disconnect();
    await exit;
  }
}

export function stackOf(result: Result<Stack, Failure>): Stack {
  if (!result.ok) throw new Error(`expected a stack, got ${JSON.stringify(result.failure, null, 2)}`);
  return result.value;
}

export function problemsOf(result: Result<Stack, Failure>): readonly ConfigProblem[] {
  if (result.ok || result.failure.code !== 'E305') throw new Error(`expected problems, got ${JSON.stringify(result, null, 2)}`);
  return result.failure.problems;
}
