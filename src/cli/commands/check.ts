/** `devup check`: the config against the files of the repository, or, with `--live`, the running stack. Exits 6 when one disagrees. */
import path from 'node:path';
import { checkRunning } from '../../app/check/live.ts';
import { findTarget, loadTarget } from '../../app/target.ts';
import { type CheckResult, checkStack as checkRepository } from '../../check/check.ts';
import { type Change, changesOf, type EditRefusal, writeChange } from '../../check/edit.ts';
import { unifiedDiff } from '../../check/report/diff.ts';
import { githubLines } from '../../check/report/github.ts';
import { checkJson } from '../../check/report/json.ts';
import { sarif } from '../../check/report/sarif.ts';
import { checkText, type Report } from '../../check/report/text.ts';
import { describeEditRefusal } from '../../check/words.ts';
import { portFacts } from '../../machine/port-facts.ts';
import type { Stack } from '../../model/service.ts';
import { jsonLine } from '../../render/json.ts';
import { painter } from '../../render/style.ts';
import { nameHolder } from '../../render/words/holder.ts';
import type { Context, Parsed } from '../context.ts';
import { DRIFT } from '../exit-code.ts';
import { configFlag, type Format, formatFlag } from '../parse/values.ts';
import { done } from '../screen/finish.ts';
import { type Screen, screen } from '../screen/screen.ts';

export async function check(parsed: Parsed, context: Context): Promise<number> {
  const format = formatFlag(parsed);
  // Whoever reads SARIF gets errors as JSON too.
  const shown = screen({ ...parsed.flags, json: format === 'json' || format === 'sarif' }, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return done(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return done(shown, stack.failure);
  const view = { stack: stack.value, format, shown, context };
  if (parsed.flags['live'] === true) {
    if (parsed.flags['fix'] === true)
      return done(shown, { code: 'E001', kind: 'usage', message: FILES_ONLY, suggestion: null, command: 'check' });
    const live = await checkRunning(target.value, stack.value, context, (holder) =>
      holder ? nameHolder(holder, shown.viewer) : 'a process that cannot be seen',
    );
    return live.ok ? end(live.value, null, view) : done(shown, live.failure);
  }
  const options = { stack: stack.value, ...(await portFacts(context.machine)) };
  const found = await checkRepository(options);
  const fixing = parsed.flags['fix'] === true ? await fix(found, stack.value, format, shown) : null;
  const result = fixing && fixing.fixed.length > 0 ? await checkRepository(options) : found;
  return end(result, fixing, view);
}

const FILES_ONLY = '--fix corrects files, and --live checks what runs: use one of them';

interface View {
  readonly stack: Stack;
  readonly format: Format;
  readonly shown: Screen;
  readonly context: Context;
}

async function end(result: Report, fixing: Fixing | null, view: View): Promise<number> {
  await view.shown.out.write(report(result, fixing, view));
  return done(view.shown, null, result.findings.some(({ severity }) => severity === 'error') ? DRIFT : 0);
}

interface Fixing {
  readonly fixed: readonly Change[];
  readonly refused: readonly { readonly file: string; readonly why: EditRefusal }[];
}

/** The difference is shown before anything is written. */
async function fix({ findings, texts }: CheckResult, stack: Stack, format: Format, shown: Screen): Promise<Fixing> {
  const changes = changesOf(findings, texts);
  const where = format === 'text' ? shown.out : shown.err;
  for (const change of changes) await where.write(unifiedDiff(change));
  await where.flush();
  const fixed: Change[] = [];
  const refused: { readonly file: string; readonly why: EditRefusal }[] = [];
  for (const change of changes) {
    const read = texts.get(change.file);
    const why = read ? writeChange(stack.root, change, read) : null;
    if (why === null) fixed.push(change);
    else {
      refused.push({ file: change.file, why });
      await shown.err.write(`${describeEditRefusal(change.file, why)}\n`);
    }
  }
  if (changes.length === 0 && findings.length > 0) await shown.err.write('none of this can be corrected safely\n');
  return { fixed, refused };
}

function report(result: Report, fixing: Fixing | null, { stack, format, shown, context }: View): string {
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

/** Annotations are placed by the path in the repository, of which the config's folder may be a part. */
function folderInWorkspace(stack: Stack, { env }: Context): string {
  const workspace = env['GITHUB_WORKSPACE'];
  const inside = workspace ? path.relative(workspace, stack.root).replaceAll(path.sep, '/') : '';
  return inside === '' || inside.startsWith('..') ? '' : `${inside}/`;
}
