/** A repository in a temporary folder, checked against a config. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type CheckResult, checkStack } from '../../../src/check/check.ts';
import type { Finding } from '../../../src/model/drift.ts';
import { troubleWords } from '../../../src/render/words/port-trouble.ts';
import { stack } from '../config/stacks.ts';

export type Files = Readonly<Record<string, string>>;

export function repository(files: Files): string {
  const root = mkdtempSync(path.join(realpathSync(tmpdir()), 'check-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFiles(root, files);
  return root;
}

export function writeFiles(root: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
}

export interface Surroundings {
  readonly ephemeral?: readonly [number, number] | null;
  readonly airPlayPorts?: readonly number[];
  readonly excluded?: readonly (readonly [number, number])[];
}

export async function checkIn(
  root: string,
  config: object,
  { ephemeral = null, airPlayPorts = [], excluded = [] }: Surroundings = {},
): Promise<CheckResult> {
  return checkStack({
    stack: await stack(config, { file: path.join(root, 'orchestrator.config.json') }),
    ephemeral,
    airPlayPorts,
    describeTrouble: troubleWords,
    excluded,
  });
}

/** `D102 .env:1:14 backend 8000 ≠ 8001`. */
export function line({ code, place, service, expected, found }: Finding): string {
  return `${code} ${place ? `${place.file}:${place.line}:${place.column}` : '-'} ${service ?? '-'} ${expected ?? '-'} ≠ ${found ?? '-'}`;
}

export async function findings(config: object, files: Files, surroundings: Surroundings = {}): Promise<readonly string[]> {
  return (await checkIn(repository(files), config, surroundings)).findings.map(line);
}

/** The stack of most of these tests: two backends, a frontend, a database, an optional server. */
export const MEDCOR = {
  name: 'medcor',
  services: {
    postgres: { port: 5432, command: 'postgres -D data' },
    backend: { port: 8000, command: 'python manage.py runserver 0.0.0.0:${port}', cwd: 'medcor_backend' },
    backend2: { port: 8002, command: 'python manage.py runserver 0.0.0.0:${port}', cwd: 'medcor_backend2' },
    frontend: { port: 5000, command: 'npm run dev', cwd: 'frontend', category: 'frontend' },
    mcp: { port: 8080, command: 'python mcp_server.py', cwd: 'medcor_backend2', optional: true },
  },
};
