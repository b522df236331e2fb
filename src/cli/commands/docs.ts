/** `devup docs`: the document on the ports, written from the config into its place in a Markdown file. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findTarget, loadTarget } from '../../app/target.ts';
import { writeChange } from '../../check/edit.ts';
import { readTextFile } from '../../check/read.ts';
import { walk } from '../../check/walk.ts';
import type { WriteRefusal } from '../../check/write-all.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { findMarked, type MarkerProblem, marked, withMarked } from '../../render/markers.ts';
import type { Context, Parsed } from '../context.ts';
import { documentPart } from '../document-part.ts';
import { done, printJson } from '../done.ts';
import { DRIFT } from '../exit-code.ts';
import { type Screen, screen } from '../screen.ts';
import { configFlag, textFlag } from '../values.ts';

const DEFAULT_FILE = 'PORTS.md';
const NOTHING = { text: '', bom: false, hash: '' };

export async function docs(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return done(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return done(shown, stack.failure);
  const part = await documentPart(target.value, stack.value, context);
  if (parsed.flags['stdout'] === true) {
    await shown.out.write(marked(part));
    return done(shown, null);
  }
  const named = textFlag(parsed, 'file');
  const file = named === null ? placeIn(stack.value.root) : ok(path.resolve(context.cwd, named));
  if (!file.ok) return done(shown, file.failure);
  return put(part, file.value, parsed.flags['check'] === true, stack.value.root, shown);
}

/** The one file with the markers; else the default one. */
function placeIn(root: string): Result<string, Failure> {
  const marking = walk({ root, wanted: (file) => /\.(md|markdown|mdx)$/i.test(file) }).filter((file) => {
    const read = readTextFile(path.join(root, file));
    return typeof read !== 'string' && findMarked(read.text) !== null;
  });
  if (marking.length > 1) return refused(`the markers are in ${marking.join(' and in ')}: name one with --file`);
  return ok(path.join(root, marking[0] ?? DEFAULT_FILE));
}

async function put(part: string, file: string, onlyCheck: boolean, root: string, shown: Screen): Promise<number> {
  const name = path.relative(root, file).replaceAll(path.sep, '/');
  const exists = existsSync(file);
  const read = exists ? readTextFile(file) : NOTHING;
  if (typeof read === 'string') return done(shown, refusal(`${name} cannot be read as text`));
  const after = withMarked(read.text, part);
  if (isProblem(after)) return done(shown, refusal(`${name}: ${PROBLEMS[after]}`));
  const changed = !exists || after !== read.text;
  if (changed && !onlyCheck) {
    const problem = exists ? writeChange(root, { file: name, before: read.text, after, findings: [] }, read) : create(file, after);
    if (problem === 'no-folder') return done(shown, refusal(`there is no folder for ${name}`));
    if (problem !== null) return done(shown, { code: 'E504', kind: 'not-written', file: name, why: problem });
  }
  const exitCode = changed && onlyCheck ? DRIFT : 0;
  if (shown.json) return printJson(shown, { file: name, changed, written: changed && !onlyCheck }, exitCode);
  const said = !changed ? 'is up to date' : onlyCheck ? 'is not what the config says: devup docs writes it anew' : 'was written';
  await (exitCode === 0 ? shown.out : shown.err).write(`${name} ${said}\n`);
  return done(shown, null, exitCode);
}

function create(file: string, text: string): 'no-folder' | WriteRefusal | null {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return null;
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'no-folder';
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'read-only';
    // A link that leads nowhere.
    if (code === 'EEXIST') return 'exists';
    if (code === 'ENOSPC' || code === 'EDQUOT') return 'no-space';
    throw error;
  }
}

const PROBLEMS: Readonly<Record<MarkerProblem, string>> = {
  'no-end': 'the marker <!-- devup:ports --> has no <!-- /devup:ports --> below it',
  'no-begin': 'the marker <!-- /devup:ports --> has no <!-- devup:ports --> above it',
  several: 'the markers are there more than once',
};

function isProblem(text: string): text is MarkerProblem {
  return text in PROBLEMS;
}

function refusal(message: string): Failure {
  return { code: 'E001', kind: 'usage', message, suggestion: null, command: 'docs' };
}

function refused(message: string): Result<never, Failure> {
  return fail(refusal(message));
}
