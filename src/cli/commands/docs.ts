/** `devup docs`: writes the port document into its place in a Markdown file. */
import path from 'node:path';
import { documentFile, documentOf, putDocument } from '../../app/docs.ts';
import { findTarget, loadTarget } from '../../app/target.ts';
import { marked } from '../../check/markers.ts';
import type { Failure } from '../../model/failure.ts';
import type { DocumentProblem } from '../../model/port-document.ts';
import { ok } from '../../model/result.ts';
import { portDocument } from '../../render/port-document.ts';
import { documentOutcome, documentProblem } from '../../render/words/documents.ts';
import type { Context, Parsed } from '../context.ts';
import { DRIFT } from '../exit-code.ts';
import { configFlag, textFlag } from '../parse/values.ts';
import { finish, printJson } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

export async function docs(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return finish(shown, stack.failure);
  const part = portDocument(await documentOf(target.value, stack.value, context));
  if (parsed.flags['stdout'] === true) {
    await shown.out.write(marked(part));
    return finish(shown, null);
  }
  const { root } = stack.value;
  const named = textFlag(parsed, 'file');
  const file = named === null ? documentFile(root) : ok(path.resolve(context.cwd, named));
  if (!file.ok) return finish(shown, failureOf(file.failure));
  const outcome = putDocument(part, file.value, root, parsed.flags['check'] === true ? 'check' : 'write');
  if (!outcome.ok) return finish(shown, failureOf(outcome.failure));
  const exitCode = outcome.value.changed && !outcome.value.written ? DRIFT : 0;
  if (shown.json) return printJson(shown, { ...outcome.value }, exitCode);
  await (exitCode === 0 ? shown.out : shown.err).write(`${documentOutcome(outcome.value)}\n`);
  return finish(shown, null, exitCode);
}

function failureOf(problem: DocumentProblem | Failure): Failure {
  if ('code' in problem) return problem;
  return { code: 'E001', kind: 'usage', message: documentProblem(problem), suggestion: null, command: 'docs' };
}
