/**
 * A config file → the stack it declares. Everything slow (the compiler, the parsers, the schema) is imported only when
 * this very text has not been seen before by this version.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { errnoOf } from '../model/errno.ts';
import type { Failure } from '../model/failure.ts';
import type { Platform } from '../model/platform.ts';
import { fail, type Result } from '../model/result.ts';
import type { Stack } from '../model/service.ts';
import { type Cache, cacheFolder, fileCache } from './evaluate/cache.ts';
import { contained } from './evaluate/contain.ts';
import { isData, locator, readData } from './evaluate/data.ts';
import { evaluate } from './evaluate/evaluate.ts';
import { type Converted, type Plain, toPlain } from './evaluate/plain.ts';
import { rememberConfig } from './evaluate/stray-error.ts';
import type { ConfigLocation } from './find/find.ts';
import type { Source } from './find/source.ts';
import type { FutureTexts } from './resolve/env-file.ts';
import { buildStack } from './stack.ts';
import type { ConfigFinding } from './validate/finding.ts';

export interface LoadContext {
  /** Of the command that loads it: for `${env.NAME}`, and for the place of the cache. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: Pick<Platform, 'name' | 'cachesFolder'>;
  readonly clock: { sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** Of devup: a cache of another version is not read. */
  readonly version: string;
  /** `${env.NAME}` becomes its default, or stays `$NAME`: what is written from the stack is the same on every machine then. */
  readonly portable?: boolean;
  /** Instead of what the file holds: how it would be read if it were written so. */
  readonly text?: string;
  /** The same for env files. */
  readonly envTexts?: FutureTexts;
  /** How long the config's own code may take: 10 s. */
  readonly timeoutMs?: number;
}

const longestLoadMs = 10_000;

/** E302 … E305: every problem of the file at once. */
export async function loadStack(location: ConfigLocation, context: LoadContext): Promise<Result<Stack, Failure>> {
  const { file } = location;
  const text = context.text ?? readText(file);
  if (typeof text !== 'string') return fail(text);
  const source: Source = { file, text };
  const cache = fileCache(cacheFolder(location.root, context.env, context.platform));
  const exported = await exportedBy(source, cache, context);
  if (!exported.ok) return exported;
  if (exported.value?.plain === undefined) return fail(exportsNothing(file));
  const built = await buildStack(exported.value.plain, exported.value.findings, {
    file,
    env: context.env,
    platform: context.platform.name,
    portable: context.portable ?? false,
    ...(context.envTexts ? { envTexts: context.envTexts } : {}),
    shape: (plain) => shape(plain, cache, context.version),
    locator: async () => (isData(file) ? locator(source) : () => null),
  });
  return built.ok ? built : fail({ code: 'E305', kind: 'config-invalid', file, problems: built.failure });
}

function readText(file: string): string | Failure {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const messages: Record<string, string> = {
      ENOENT: 'the file does not exist',
      EISDIR: 'it is a folder, not a file',
      EACCES: 'permission denied',
      EPERM: 'permission denied',
    };
    const message = messages[errnoOf(error)];
    if (message === undefined) throw error;
    return { code: 'E302', kind: 'config-broken', file, message, line: null, column: null, stack: null };
  }
}

/** Reading the value is a part of it: a property may be code as well. */
async function exportedBy(source: Source, cache: Cache, context: LoadContext): Promise<Result<Converted | null, Failure>> {
  const { file } = source;
  const { version, clock, timeoutMs = longestLoadMs } = context;
  if (!isData(file)) rememberConfig(file);
  return contained({ file, clock, timeoutMs }, async () => {
    if (!isData(file)) return evaluate(source, cache, version, async (value) => toPlain(await settled(value)));
    const held = await readData(source, cache, version);
    return held && toPlain(held.value);
  });
}

/** A config may be a promise, or a function that returns one. */
async function settled(value: unknown): Promise<unknown> {
  return typeof value === 'function' ? await (value as () => unknown)() : await value;
}

function exportsNothing(file: string): Failure {
  const message = !isData(file)
    ? 'exports nothing: it needs `export default defineConfig({ … })`'
    : path.basename(file) === 'package.json'
      ? 'has no "orchestrator" in it'
      : 'is empty: it needs services';
  return {
    code: 'E305',
    kind: 'config-invalid',
    file,
    problems: [{ path: '', service: null, message, value: null, suggestion: null, line: null, column: null }],
  };
}

/** The schema is asked once per value and version. */
async function shape(plain: Plain, cache: Cache, version: string): Promise<readonly ConfigFinding[]> {
  const key = [version, 'shape', JSON.stringify(plain)];
  if (cache.read(key) !== null) return [];
  const { shapeFindings } = await import('./validate/shape.ts');
  const findings = shapeFindings(plain);
  if (findings.length === 0) cache.write(key, 'valid');
  return findings;
}
