/** Computes all changes that adding a service requires, and writes nothing. */
import path from 'node:path';
import { fitsAny } from '../glob.ts';
import { placesOf } from '../places.ts';
import { type FileText, readTextFile, type Unread } from '../read.ts';
import { Unreadable } from '../source.ts';
import { walk } from '../walk.ts';
import { type Adder, type Addition, applyInsertions, type NewFile, Uneditable } from './addition.ts';
import { composeAdder } from './compose.ts';
import { addToConfig } from './config.ts';
import { kubernetesAdder } from './kubernetes.ts';
import { newOrigins } from './origins.ts';
import { procfileAdder, scriptsAdder } from './scripts.ts';
import { tableAdder } from './table.ts';
import { variablesAdder } from './variables.ts';

const ADDERS: readonly Adder[] = [scriptsAdder, procfileAdder, variablesAdder, composeAdder, kubernetesAdder, tableAdder];

/** One file before and after the change. */
export interface PreparedFile {
  readonly file: string;
  /** Null: the file is new. */
  readonly read: FileText | null;
  readonly after: string;
}

export interface Obstacle {
  readonly file: string;
  readonly line: number | null;
  readonly why: string;
  readonly snippet: string;
}

/** The changed and new files, config first; or the first obstacle. */
export async function prepareAddition(addition: Addition): Promise<readonly PreparedFile[] | Obstacle> {
  const { stack } = addition.contract;
  const config = path.basename(stack.configFile);
  const [included, left] = [stack.check.include === null ? () => true : fitsAny(stack.check.include), fitsAny(stack.check.ignore)];
  const wanted = (file: string) =>
    (ADDERS.some((adder) => adder.matches(file)) || ORIGIN_FILES.test(file)) && included(file) && !left(file);
  const files = [config, ...walk({ root: stack.root, wanted }).filter((file) => file !== config)];
  const prepared: PreparedFile[] = [];
  const fresh: NewFile[] = [];
  for (const file of files) {
    const read = readTextFile(path.join(stack.root, file));
    if (typeof read === 'string') {
      if (file === config) return { file, line: null, why: UNREAD[read], snippet: '' };
      continue;
    }
    const own = ADDERS.filter((adder) => adder.matches(file) && wanted(file));
    const answer = await additionsIn({ file, read, own, isConfig: file === config }, addition);
    if ('why' in answer) return answer;
    if (answer.after !== read.text) prepared.push({ file, read, after: answer.after });
    fresh.push(...answer.files);
  }
  // If each service has its own files, only one sibling's are copied.
  const model = addition.siblings.find(({ name }) => fresh.some((one) => one.model === name))?.name;
  const made = fresh.filter((one) => one.model === model).map(({ path: file, text }) => ({ file, read: null, after: text }));
  return [...prepared, ...made];
}

/** Files that may contain lists of origins, besides those that the adders read. */
const ORIGIN_FILES = /(^|\/)(settings[\w/]*|\w*settings)\.py$/;

interface Editing {
  readonly file: string;
  readonly read: FileText;
  readonly own: readonly Adder[];
  readonly isConfig: boolean;
}

async function additionsIn(
  { file, read, own, isConfig }: Editing,
  addition: Addition,
): Promise<Obstacle | { readonly after: string; readonly files: readonly NewFile[] }> {
  const source = { path: file, text: read.text };
  try {
    const insertions = isConfig ? [...(await addToConfig(source, addition))] : [];
    const files: NewFile[] = [];
    for (const adder of own) {
      const added = await adder.add(
        source,
        adder === kubernetesAdder ? addition : { ...addition, siblings: siblingsOutside(file, addition) },
      );
      insertions.push(...added.insertions);
      files.push(...added.files);
    }
    insertions.push(...(await newOrigins(source, addition)));
    return { after: applyInsertions(read.text, insertions), files };
  } catch (failure) {
    if (failure instanceof Uneditable) {
      return { file, line: placesOf(source)(failure.at, failure.at).line, why: failure.message, snippet: failure.snippet };
    }
    // A file that could not be parsed before is skipped: no sibling can be found in it, and `devup check` reports it.
    if (failure instanceof Unreadable && !isConfig) return { after: read.text, files: [] };
    if (failure instanceof Unreadable) return { file, line: failure.line, why: failure.message, snippet: '' };
    throw failure;
  }
}

/** Files in a sibling's own folder are about that sibling only, so they take no new service. */
function siblingsOutside(file: string, { siblings, contract }: Addition): Addition['siblings'] {
  return siblings.filter((sibling) => {
    const folder = contract.folderOf(sibling);
    return folder === '' || !file.startsWith(`${folder}/`);
  });
}

const UNREAD: Readonly<Record<Unread, string>> = {
  'not-a-file': 'is no regular file',
  'too-large': 'is larger than 2 MiB',
  binary: 'is not text',
  unreadable: 'cannot be read',
  gone: 'no longer exists',
};
