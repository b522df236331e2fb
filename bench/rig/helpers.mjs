/** The C programs beside this folder, compiled once per content into the cache. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('../c/', import.meta.url));

/** `{ listener: '/…/listener', … }`: the path of each program by its name. Throws when there is no C compiler. */
export function buildHelpers(cache) {
  const folder = join(cache, 'bin');
  mkdirSync(folder, { recursive: true });
  return Object.fromEntries(readdirSync(sources).map((file) => [basename(file, '.c'), build(join(sources, file), folder)]));
}

function build(source, folder) {
  const name = basename(source, '.c');
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const program = join(folder, `${name}-${hash}`);
  if (existsSync(program)) return program;
  // Renamed into place, so that two benchmarks at once never run half a program.
  const fresh = `${program}.${process.pid}`;
  const { status, error } = spawnSync('cc', ['-O2', '-o', fresh, source], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error?.code === 'ENOENT') throw new Error('the benchmark needs a C compiler: there is no cc on the PATH');
  if (error) throw error;
  if (status !== 0) throw new Error(`cc could not build ${source}`);
  renameSync(fresh, program);
  return program;
}
