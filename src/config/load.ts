/**
 * A config file → the stack that it declares. Slow modules (compiler, parsers, schema) are imported only for a text that is not in the
 * cache.
 */
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { Platform } from '../model/platform.ts';
import { fail, type Result } from '../model/result.ts';
import type { FileWarning, Stack } from '../model/service.ts';
import { type Cache, cacheFolder, userCache } from './evaluate/cache.ts';
import { contain } from './evaluate/contain.ts';
import { isData, locator, readData } from './evaluate/data.ts';
import { evaluate } from './evaluate/evaluate.ts';
import { withFileReads } from './evaluate/file-reads.ts';
import { type Converted, type Plain, toPlain } from './evaluate/plain.ts';
import { rememberConfig } from './evaluate/stray-error.ts';
import type { ConfigLocation } from './find/find.ts';
import { LARGEST_CONFIG_BYTES, readRegularFile } from './find/regular-file.ts';
import type { Source } from './find/source.ts';
import type { PlannedTexts } from './resolve/env-file.ts';
import { buildStack } from './stack.ts';
import type { ConfigFinding } from './validate/finding.ts';

export interface LoadContext {
  /** Environment of the command: for `${env.NAME}` and for the cache folder. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: Pick<Platform, 'name' | 'cachesFolder'>;
  readonly clock: { sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** Version of devup: an entry of another version is not read from the cache. */
  readonly version: string;
  /** `${env.NAME}` becomes its default, or stays `$NAME`, so that files written from the stack are the same on every machine. */
  readonly portable?: boolean;
  /** Text to load instead of the file's own, to check an edit before it is written. */
  readonly text?: string;
  /** Texts to load instead of env files. */
  readonly envTexts?: PlannedTexts;
  /** Called once for each other file that the config's code reads, also if it fails afterwards. */
  readonly onRead?: (file: string) => void;
  /** Called for what is odd in an env file, once for each service that names the file. */
  readonly onWarning?: (warning: FileWarning) => void;
  /** Limit for the config's own code; 10 s by default. */
  readonly timeoutMs?: number;
}

const maxLoadMs = 10_000;

/** Fails with E302, E303, E304, or with E305, which lists every problem of the config. */
export async function loadStack(location: ConfigLocation, context: LoadContext): Promise<Result<Stack, Failure>> {
  const { file } = location;
  const text = context.text ?? readText(file);
  if (typeof text !== 'string') return fail(text);
  const source: Source = { file, text };
  const caches = cacheFolder(context.env, context.platform);
  const cache = userCache(caches, context.env);
  const reads = new Set<string>();
  const onRead = (read: string) => {
    if (reads.has(read) || read === file || !isOwnFile(read, caches)) return;
    reads.add(read);
    context.onRead?.(read);
  };
  const exported = await readExport(source, cache, { ...context, onRead });
  if (!exported.ok) return exported;
  if (exported.value?.plain === undefined) return fail(exportsNothing(file));
  const built = await buildStack(exported.value.plain, exported.value.findings, {
    file,
    reads: [...reads],
    env: context.env,
    platform: context.platform.name,
    portable: context.portable ?? false,
    onWarning: (warning) => context.onWarning?.(warning),
    ...(context.envTexts ? { envTexts: context.envTexts } : {}),
    shape: (plain) => checkShape(plain, cache, context.version),
    locator: async () => (isData(file) ? locator(source) : () => null),
  });
  return built.ok ? built : fail({ code: 'E305', kind: 'config-invalid', file, problems: built.failure });
}

function readText(file: string): string | Failure {
  const read = readRegularFile(file, LARGEST_CONFIG_BYTES);
  if (typeof read === 'string' && !isUtf16(read)) return read;
  const message = typeof read === 'string' ? 'the file is UTF-16: save it as UTF-8' : whyUnread(read);
  return { code: 'E302', kind: 'config-broken', file, message, line: null, column: null, stack: null };
}

function whyUnread(read: Exclude<ReturnType<typeof readRegularFile>, string>): string {
  return 'what' in read ? `it is ${read.what}` : read.why === 'missing' ? 'the file does not exist' : 'permission denied';
}

/** Read as UTF-8, a byte order mark is two unknown characters, and half of an ASCII character is NUL. PowerShell 5 writes such files. */
function isUtf16(text: string): boolean {
  return /^(?:\uFFFD{2}|.?\0)/s.test(text);
}

/** False for packages, devup's caches, and files outside the project: a package is not edited, and has hundreds of files. */
function isOwnFile(file: string, caches: string): boolean {
  const folders = [`${path.sep}node_modules${path.sep}`, ...['proc', 'sys', 'dev'].map((name) => `${path.sep}${name}${path.sep}`)];
  return !file.startsWith(caches) && !folders.some((folder, index) => (index === 0 ? file.includes(folder) : file.startsWith(folder)));
}

/** Converts the value while the config is still contained: a getter is code of the config, too. */
async function readExport(
  source: Source,
  cache: Cache,
  context: LoadContext & Required<Pick<LoadContext, 'onRead'>>,
): Promise<Result<Converted | null, Failure>> {
  const { file } = source;
  const { version, clock, onRead, timeoutMs = maxLoadMs } = context;
  if (!isData(file)) rememberConfig(file);
  return contain({ file, clock, timeoutMs }, async () => {
    if (!isData(file)) return withFileReads(onRead, () => evaluate(source, cache, version, async (value) => toPlain(await settle(value))));
    const held = await readData(source, cache, version);
    return held && toPlain(held.value);
  });
}

/** A config may be a promise, or a function that returns one. */
async function settle(value: unknown): Promise<unknown> {
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

/** Problems of shape. A valid value is checked once per version of devup. */
async function checkShape(plain: Plain, cache: Cache, version: string): Promise<readonly ConfigFinding[]> {
  const key = [version, 'shape', JSON.stringify(plain)];
  if (cache.read(key) !== null) return [];
  const { shapeFindings } = await import('./validate/shape.ts');
  const findings = shapeFindings(plain);
  if (findings.length === 0) cache.write(key, 'valid');
  return findings;
}
