/** The config itself, in whichever language it is written. */
import type { SourceFile } from '../source.ts';
import type { Addition, Insertion } from './addition.ts';
import { addToLiteral } from './config-literal.ts';

export async function addToConfig(file: SourceFile, addition: Addition): Promise<readonly Insertion[]> {
  if (/\.ya?ml$/.test(file.path)) return (await import('./config-yaml.ts')).addToYaml(file, addition);
  return addToLiteral(file, addition);
}
