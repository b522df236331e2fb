/**
 * Runs a bundle from compiled code that was kept the last time: compiling one takes longer than a whole `devup status`.
 * Node 22.8 and newer do that themselves (`enableCompileCache`); for Node 20 it is done here, with V8's own code cache.
 *
 * What is kept holds the functions that ran, so there is one file for each bundle and command, and a start that failed
 * keeps none. It is named for the build and for Node; V8 itself refuses what another version of it, or other flags, made,
 * and what is damaged.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { writeCacheFile } from '../config/evaluate/cache-files.ts';

export interface Compiled<T> {
  readonly exports: T;
  /** Keeps the code for the next time, if it was not kept already: called when the command is over. */
  keep(): void;
}

/** Every build and version of Node leaves files behind: the older half goes when there are too many. */
const MOST_FILES = 40;

/** `file` is a CommonJS bundle. Code that is run in this way cannot `import()`. */
export function runCompiled<T>(file: string, folder: string, command: string, require: NodeJS.Require): Compiled<T> {
  const name = `${__DEVUP_BUILD__}-${process.version}-${process.arch}-${command}`;
  const kept = join(folder, name);
  // The bundles are ASCII (the build escapes everything else), and so are read twice as fast.
  const source = readFileSync(file, 'latin1');
  const cachedData = read(kept);
  const script = new Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} as T };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  return {
    exports: module.exports,
    keep() {
      if (!cachedData || script.cachedDataRejected) orNull(() => writeCacheFile(folder, name, script.createCachedData(), MOST_FILES));
    },
  };
}

function read(file: string): Buffer | null {
  return orNull(() => readFileSync(file));
}

/** A folder that cannot be read or written only costs the time that it would have saved. */
function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return null;
    throw error;
  }
}
