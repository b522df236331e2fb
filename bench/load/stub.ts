/** A process that only loads a config, from cached code, started as src/bin.ts starts a command. */
import * as nodeModule from 'node:module';
import { runCompiled } from '../../src/cli/code-cache.ts';

type Loader = typeof import('./load.ts');

const folder = `${process.env['XDG_CACHE_HOME']}/devup/compiled`;
const code = __filename.replace(/cjs$/, 'code.cjs');
const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => unknown };
enableCompileCache?.(`${folder}-by-node`);
const { exports: loader, keep } = enableCompileCache
  ? { exports: require(code) as Loader, keep: () => undefined }
  : runCompiled<Loader>(code, folder, 'load', require);
void loader.load().then((loaded) => {
  if (!loaded) process.exitCode = 9;
  keep();
});
