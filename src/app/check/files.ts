/** `devup check` without `--live`: compares the config with the files of the repository; `--fix` corrects them. */
import { type CheckResult, checkStack } from '../../check/check.ts';
import { type Change, changesOf, type EditRefusal, writeChange } from '../../check/edit.ts';
import type { Machine } from '../../machine/machine.ts';
import { portFacts } from '../../machine/port-facts.ts';
import type { DescribeTrouble } from '../../model/port-trouble.ts';
import type { Stack } from '../../model/service.ts';

/** Rejects only if the config's own folder cannot be read. */
export async function checkFiles(stack: Stack, machine: Machine, describeTrouble: DescribeTrouble): Promise<CheckResult> {
  return checkStack({ stack, describeTrouble, ...(await portFacts(machine)) });
}

export interface FixedFiles {
  /** The result of a check after the changes. */
  readonly result: CheckResult;
  readonly fixed: readonly Change[];
  readonly refused: readonly { readonly file: string; readonly why: EditRefusal }[];
  /** There are findings, but no safe change. */
  readonly nothingFixable: boolean;
}

/** Calls `show` before anything is written. */
export async function fixFiles(
  stack: Stack,
  machine: Machine,
  describeTrouble: DescribeTrouble,
  show: (changes: readonly Change[]) => Promise<void>,
): Promise<FixedFiles> {
  const found = await checkFiles(stack, machine, describeTrouble);
  const changes = changesOf(found.findings, found.texts);
  await show(changes);
  const fixed: Change[] = [];
  const refused: { readonly file: string; readonly why: EditRefusal }[] = [];
  for (const change of changes) {
    const read = found.texts.get(change.file);
    const why = read ? writeChange(stack.root, change, read) : null;
    if (why === null) fixed.push(change);
    else refused.push({ file: change.file, why });
  }
  const nothingFixable = changes.length === 0 && found.findings.length > 0;
  return { result: fixed.length > 0 ? await checkFiles(stack, machine, describeTrouble) : found, fixed, refused, nothingFixable };
}
