/** The config itself, in whichever language it is written. */
import type { SourceFile } from '../source.ts';
import type { Addition, Insertion } from './addition.ts';
import { addToLiteral } from './config-literal.ts';

export async function addToConfig(file: SourceFile, addition: Addition): Promise<readonly Insertion[]> {
  // An rc file without an ending is YAML, of which JSON is a part.
  const isYaml = /\.ya?ml$/.test(file.path) || (/\.orchestratorrc$/.test(file.path) && !/^\s*\{/.test(file.text));
  if (isYaml) return (await import('./config-yaml.ts')).addToYaml(file, addition);
  return addToLiteral(file, addition);
}
