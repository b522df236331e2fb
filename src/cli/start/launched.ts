/** The supervisor's side of `devup start -d`. The launcher has already applied `-C`. */
import { superviseLaunched } from '../../app/session/launched.ts';
import { planStart } from '../../app/session/start.ts';
import { findTarget, loadTarget } from '../../app/target.ts';
import { failureOf } from '../../model/ending.ts';
import { exitCodeOf, exitCodeOfEnding } from '../../model/exit-code.ts';
import { ok } from '../../model/result.ts';
import type { FileWarning } from '../../model/service.ts';
import { reportingOn } from '../../render/reporting.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag } from '../parse/values.ts';
import { finish } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';
import { superviseSignals } from '../signals.ts';
import { readStartCommand } from './start-command.ts';

export async function launched(parsed: Parsed, given: Context): Promise<number> {
  const warnings: FileWarning[] = [];
  const context = { ...given, onWarning: (warning: FileWarning) => void warnings.push(warning) };
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const command = readStartCommand(parsed, shown, context);
  if (!command.ok) return finish(shown, command.failure);
  const { order, tracing, force, exitOnFailure } = command.value;
  const stack = await tracing.time('read the config', () => loadTarget(target.value, context));
  const start = stack.ok ? ok(planStart(target.value, stack.value, order)) : stack;
  const outcome = await superviseLaunched(start, context, {
    reporting: reportingOn(context.machine.platform),
    warnings,
    tracing,
    force,
    endOnFirstFailure: exitOnFailure,
    onBegun: (supervisor) => superviseSignals(supervisor, context.survivesHangUp),
  });
  if (outcome.kind === 'reported') return outcome.failure ? exitCodeOf(outcome.failure) : 0;
  // The launcher has returned, so this output goes to the supervisor's log.
  return finish(shown, failureOf(outcome.ending), exitCodeOfEnding(outcome.ending));
}
