/**
 * Runs a bundle from cached compiled code: compiling one takes longer than a whole `devup status`. Node 22.8 and newer have
 * `enableCompileCache`; for Node 20, this file uses V8's code cache.
 *
 * Cached code contains the functions that ran, so each bundle and command has its own file, and a failed start writes none.
 * The file is named for the build and the version of Node. V8 itself rejects code that is damaged or was made by another
 * version or with other flags.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { writeCacheFile } from '../config/evaluate/cache-files.ts';

export interface Compiled<T> {
  readonly exports: T;
  /** Writes the compiled code to the cache unless it was read from there. To be called when the command has ended. */
  keep(): void;
}

/** Every build and version of Node adds files; beyond this number, the older half is removed. */
const MAX_FILES = 40;

/** `file` is a CommonJS bundle. Code run in this way cannot use `import()`. */
export function runCompiled<T>(file: string, folder: string, command: string, require: NodeJS.Require): Compiled<T> {
  const name = `${__DEVUP_BUILD__}-${process.version}-${process.arch}-${command}`;
  const cacheFile = join(folder, name);
  // Reading latin1 is twice as fast as UTF-8, and the bundles are ASCII: the build escapes everything else.
  const source = readFileSync(file, 'latin1');
  const cachedData = read(cacheFile);
  const script = new Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} as T };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  return {
    exports: module.exports,
    keep() {
      if (!cachedData || script.cachedDataRejected) orNull(() => writeCacheFile(folder, name, script.createCachedData(), MAX_FILES));
    },
  };
}

function read(file: string): Buffer | null {
  return orNull(() => readFileSync(file));
}

/** Null after a system error: without the cache, the code is compiled each time. */
function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return null;
    throw error;
  }
}
