/**
 * Finds rc files and package.json with cosmiconfig's search. Its loaders are not used: they run code or need the project's
 * `typescript`. Nor is `cosmiconfig()`, which first loads and runs `.config/config.js` of the working directory.
 */
import path from 'node:path';
import { readJson } from '../../model/json.ts';

/** The package's types omit this class. */
interface Package {
  readonly Explorer: new (options: object) => { search(folder: string): Promise<{ readonly filepath: string } | null> };
}

/** The name of the config file in this folder, among these names of rc files and `package.json`; null if there is none. */
export async function searchFolder(folder: string, names: readonly string[]): Promise<string | null> {
  const { Explorer } = (await import('cosmiconfig/dist/Explorer.js')).default as unknown as Package;
  const loadNothing = () => ({});
  const explorer = new Explorer({
    moduleName: 'orchestrator',
    searchPlaces: [...names],
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    applyPackagePropertyPathToConfiguration: false,
    cache: false,
    metaConfigFilePath: null,
    mergeImportArrays: false,
    mergeSearchPlaces: false,
    transform: (result: unknown) => result,
    loaders: { default: loadNothing, noExt: loadNothing, '.json': loadPackage },
  });
  const found = await explorer.search(folder);
  return found === null ? null : path.basename(found.filepath);
}

/** cosmiconfig reads the property `orchestrator` of the result. A broken file counts as a config, so that loading it reports the error. */
function loadPackage(file: string, text: string): object {
  if (path.basename(file) !== 'package.json') return {};
  const manifest = readJson(text.replace(/^\uFEFF/, ''));
  if (manifest === undefined) return { orchestrator: {} };
  return typeof manifest === 'object' && manifest !== null && Object.hasOwn(manifest, 'orchestrator') ? { orchestrator: {} } : {};
}
