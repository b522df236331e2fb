/**
 * cosmiconfig, which knows rc files and package.json. Only its search: its loaders would run code or need the user's
 * `typescript`. And the class instead of `cosmiconfig()`, which would first load, and run, `.config/config.js` of the
 * working directory.
 */
import path from 'node:path';
import { CONFIG_NAMES, RC_NAMES } from './source.ts';

/** Left out of the package's types. */
interface Package {
  readonly Explorer: new (options: object) => { search(folder: string): Promise<{ readonly filepath: string } | null> };
}

/** The name of the file in this folder that is a config. */
export async function searchFolder(folder: string): Promise<string | null> {
  const { Explorer } = (await import('cosmiconfig/dist/Explorer.js')).default as unknown as Package;
  const nothing = () => ({});
  const explorer = new Explorer({
    moduleName: 'orchestrator',
    searchPlaces: [...CONFIG_NAMES, ...RC_NAMES, 'package.json'],
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    applyPackagePropertyPathToConfiguration: false,
    cache: false,
    metaConfigFilePath: null,
    mergeImportArrays: false,
    mergeSearchPlaces: false,
    transform: (result: unknown) => result,
    loaders: { default: nothing, noExt: nothing, '.json': packageOrNothing },
  });
  const found = await explorer.search(folder);
  return found === null ? null : path.basename(found.filepath);
}

/** cosmiconfig asks for the property `orchestrator` of what this returns. A broken file counts: loading it says where. */
function packageOrNothing(file: string, text: string): object {
  if (path.basename(file) !== 'package.json') return {};
  try {
    const manifest = JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
    return typeof manifest === 'object' && manifest !== null && Object.hasOwn(manifest, 'orchestrator') ? { orchestrator: {} } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return { orchestrator: {} };
    throw error;
  }
}
