/** A failed command's output, taken apart; and small projects, many per test. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Answer, Rig, RunOptions } from '../../rig/rig.ts';

export interface PrintedError {
  readonly exitCode: number | null;
  readonly code: string;
  readonly what: string;
  readonly why: string | null;
  readonly fix: string | null;
  /** The lines between. */
  readonly details: readonly string[];
}

/** The parts of the one `error E…` block on stderr. Fails on a stack trace, and without a fix. */
export function printedError({ code: exitCode, stderr, stdout }: Answer): PrintedError {
  const [, code, what, rest] = /^error (E\d{3}): (.*)\n((?:(?:why|fix| {4}) .*\n)*)/m.exec(stderr) ?? [];
  if (code === undefined || what === undefined || rest === undefined)
    throw new Error(`no error was told (exit ${exitCode})\n${stdout}\n${stderr}`);
  const one = (word: string) => new RegExp(`^${word} {2}(.*)$`, 'm').exec(rest)?.[1] ?? null;
  expect(stderr.match(/^error E/gm)).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at .*[:(]\d+|node:internal|\[object/m);
  expect(one('fix')).not.toBeNull();
  return { exitCode, code, what, why: one('why'), fix: one('fix'), details: rest.match(/(?<=^ {5}).*$/gm) ?? [] };
}

/** A repository below the rig's, with these files. Returns its folder. */
export function project(rig: Rig, name: string, files: Readonly<Record<string, string | object>>): string {
  mkdirSync(join(rig.root, name, '.git'), { recursive: true });
  for (const [file, content] of Object.entries(files)) rig.write(join(name, file), content);
  return join(rig.root, name);
}

/** Runs devup in a project that holds just this config. */
export async function withConfig(
  rig: Rig,
  file: string,
  content: string | object,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Answer> {
  const name = `p${++projects}`;
  return rig.devup(args, { ...options, cwd: project(rig, name, { [file]: content }) });
}

let projects = 0;
