/** `devup check`: compares the config with the files of the repository or, with `--live`, with the running stack. Exits 6 on drift. */
import path from 'node:path';
import { checkFiles, type FixedFiles, fixFiles } from '../../app/check/files.ts';
import { checkRunning } from '../../app/check/live.ts';
import { findTarget, loadTarget } from '../../app/target.ts';
import type { Change } from '../../check/edit.ts';
import { unifiedDiff } from '../../check/report/diff.ts';
import { githubLines } from '../../check/report/github.ts';
import { checkJson } from '../../check/report/json.ts';
import { sarif } from '../../check/report/sarif.ts';
import { checkText, type Report } from '../../check/report/text.ts';
import { describeEditRefusal } from '../../check/words.ts';
import type { Stack } from '../../model/service.ts';
import { jsonLine } from '../../render/json.ts';
import { painter } from '../../render/style.ts';
import { nameHolder } from '../../render/words/holder.ts';
import { troubleWords } from '../../render/words/port-trouble.ts';
import type { Context, Parsed } from '../context.ts';
import { DRIFT } from '../exit-code.ts';
import { configFlag, type Format, formatFlag } from '../parse/values.ts';
import { finish } from '../screen/finish.ts';
import { type Screen, screen } from '../screen/screen.ts';

export async function check(parsed: Parsed, context: Context): Promise<number> {
  const format = formatFlag(parsed);
  // With SARIF, failures are JSON, too.
  const shown = screen({ ...parsed.flags, json: format === 'json' || format === 'sarif' }, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return finish(shown, stack.failure);
  const view = { stack: stack.value, format, shown, context };
  if (parsed.flags['live'] === true) {
    if (parsed.flags['fix'] === true)
      return finish(shown, { code: 'E001', kind: 'usage', message: FILES_ONLY, suggestion: null, command: 'check' });
    const live = await checkRunning(target.value, stack.value, context, (holder) =>
      holder ? nameHolder(holder, shown.viewer) : 'a process that cannot be seen',
    );
    return live.ok ? finishReport(live.value, null, view) : finish(shown, live.failure);
  }
  if (parsed.flags['fix'] !== true) return finishReport(await checkFiles(stack.value, context.machine, troubleWords), null, view);
  const fixing = await fixFiles(stack.value, context.machine, troubleWords, (changes) => showChanges(changes, view));
  for (const { file, why } of fixing.refused) await shown.err.write(`${describeEditRefusal(file, why)}\n`);
  if (fixing.nothingFixable) await shown.err.write('none of this can be corrected safely\n');
  return finishReport(fixing.result, fixing, view);
}

const FILES_ONLY = '--fix corrects files, and --live checks what runs: use one of them';

interface View {
  readonly stack: Stack;
  readonly format: Format;
  readonly shown: Screen;
  readonly context: Context;
}

async function finishReport(result: Report, fixing: FixedFiles | null, view: View): Promise<number> {
  await view.shown.out.write(report(result, fixing, view));
  return finish(view.shown, null, result.findings.some(({ severity }) => severity === 'error') ? DRIFT : 0);
}

async function showChanges(changes: readonly Change[], { format, shown }: View): Promise<void> {
  const where = format === 'text' ? shown.out : shown.err;
  for (const change of changes) await where.write(unifiedDiff(change));
  await where.flush();
}

function report(result: Report, fixing: FixedFiles | null, { stack, format, shown, context }: View): string {
  const config = path.basename(stack.configFile);
  switch (format) {
    case 'json': {
      const fixed = fixing && {
        fixed: fixing.fixed.map(({ file, findings }) => ({ file, ports: findings.length })),
        refused: fixing.refused,
      };
      return jsonLine({ schemaVersion: 1, ...checkJson(result), ...fixed });
    }
    case 'sarif':
      return jsonLine({ ...sarif(result.findings, config, folderInWorkspace(stack, context), context.version) });
    case 'github':
      return githubLines(result.findings, config, folderInWorkspace(stack, context));
    case 'text':
      return checkText(result, { paint: painter(shown.outColour), config });
  }
}

/** Annotations need paths relative to the repository's root, which may be above the config's folder. */
function folderInWorkspace(stack: Stack, { env }: Context): string {
  const workspace = env['GITHUB_WORKSPACE'];
  const inside = workspace ? path.relative(workspace, stack.root).replaceAll(path.sep, '/') : '';
  return inside === '' || inside.startsWith('..') ? '' : `${inside}/`;
}
