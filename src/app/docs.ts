/** The port document of a stack: its content, the file that holds it, and how it is written there. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contractOf } from '../check/contract.ts';
import { writeChange } from '../check/edit.ts';
import { leavesRepository } from '../check/inside.ts';
import { findMarked, withMarked } from '../check/markers.ts';
import { readTextFile } from '../check/read.ts';
import { walk } from '../check/walk.ts';
import type { WriteRefusal } from '../check/write-all.ts';
import type { LoadContext } from '../config/load.ts';
import { isErrno } from '../model/errno.ts';
import type { FailureOf } from '../model/failure.ts';
import type { DocumentOutcome, DocumentProblem, MarkerProblem, PortDocument } from '../model/port-document.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Stack } from '../model/service.ts';
import type { AppContext } from './context.ts';
import { loadTarget, type Target } from './target.ts';

/**
 * Content of the document. The config is loaded again without the variables of this shell, so that the document is the same
 * on every machine; a config that needs them is used as it is. `future`: planned texts of the config and its env files.
 */
export async function documentOf(
  target: Target,
  stack: Stack,
  context: AppContext,
  future: Pick<LoadContext, 'text' | 'envTexts'> = {},
): Promise<PortDocument> {
  const portable = await loadTarget(target, context, { portable: true, ...future });
  const documented = portable.ok ? portable.value : stack;
  const { isFrontend } = contractOf(documented);
  return { stack: documented, config: path.basename(documented.configFile), frontends: documented.services.filter(isFrontend) };
}

const DEFAULT_FILE = 'PORTS.md';
const NOTHING = { text: '', bom: false, hash: '' };

/** The only file with the markers; `PORTS.md` if no file has them. */
export function documentFile(root: string): Result<string, DocumentProblem> {
  const marking = walk({ root, wanted: (file) => /\.(md|markdown|mdx)$/i.test(file) }).filter((file) => {
    const read = readTextFile(path.join(root, file));
    return typeof read !== 'string' && findMarked(read.text) !== null;
  });
  if (marking.length > 1) return fail({ kind: 'several-files', files: marking });
  return ok(path.join(root, marking[0] ?? DEFAULT_FILE));
}

/** Writes the document between its markers, or only checks whether the file contains it. Failures: E504 and `DocumentProblem`. */
export function putDocument(
  part: string,
  file: string,
  root: string,
  mode: 'write' | 'check',
): Result<DocumentOutcome, DocumentProblem | FailureOf<'E504'>> {
  const name = path.relative(root, file).replaceAll(path.sep, '/');
  const exists = existsSync(file);
  const read = exists ? readTextFile(file) : NOTHING;
  if (typeof read === 'string') return fail({ kind: 'not-text', file: name });
  const after = withMarked(read.text, part);
  if (isProblem(after)) return fail({ kind: 'markers', file: name, problem: after });
  const changed = !exists || after !== read.text;
  if (!changed || mode === 'check') return ok({ file: name, changed, written: false });
  if (leavesRepository(root, file)) return fail({ code: 'E504', kind: 'not-written', file: name, why: 'outside' });
  const why = exists ? writeChange(root, { file: name, before: read.text, after, findings: [] }, read) : create(file, after);
  if (why === 'no-folder') return fail({ kind: 'no-folder', file: name });
  return why === null ? ok({ file: name, changed, written: true }) : fail({ code: 'E504', kind: 'not-written', file: name, why });
}

function create(file: string, text: string): 'no-folder' | WriteRefusal | null {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return null;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return 'no-folder';
    if (isErrno(error, 'EACCES', 'EPERM', 'EROFS')) return 'read-only';
    // A dangling symbolic link.
    if (isErrno(error, 'EEXIST')) return 'exists';
    if (isErrno(error, 'ENOSPC', 'EDQUOT')) return 'no-space';
    throw error;
  }
}

const PROBLEMS: { readonly [P in MarkerProblem]: true } = { 'no-end': true, 'no-begin': true, several: true };

function isProblem(text: string): text is MarkerProblem {
  return Object.hasOwn(PROBLEMS, text);
}
