/** Adds to the config itself, in whichever language it is written. */
import type { SourceFile } from '../source.ts';
import type { Addition, Insertion } from './addition.ts';
import { addToLiteral } from './config-literal.ts';

export async function addToConfig(file: SourceFile, addition: Addition): Promise<readonly Insertion[]> {
  // An rc file without an extension is YAML, which includes JSON.
  const isYaml = /\.ya?ml$/.test(file.path) || (/\.orchestratorrc$/.test(file.path) && !/^\s*\{/.test(file.text));
  if (isYaml) return (await import('./config-yaml.ts')).addToYaml(file, addition);
  return addToLiteral(file, addition);
}
