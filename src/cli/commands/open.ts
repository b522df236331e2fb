/** `devup open [service[:link]]`: opens a service or one of its links in the browser, and prints the address. */

import { chooseAddress, findOpener, openWith } from '../../app/open.ts';
import { findTarget, loadTarget } from '../../app/target.ts';
import type { AddressProblem } from '../../model/address-problem.ts';
import type { Failure } from '../../model/failure.ts';
import { addressProblem } from '../../render/words/addresses.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag } from '../parse/values.ts';
import { finish, printJson } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

export async function open(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return finish(shown, stack.failure);
  const url = chooseAddress(parsed.words[0] ?? null, stack.value);
  if (!url.ok) return finish(shown, failureOf(url.failure));
  const silent = parsed.flags['print'] === true || shown.json || context.stdout.isTTY !== true;
  const opener = silent ? null : findOpener(context);
  const opened = opener !== null && (await openWith(opener, url.value, context));
  if (shown.json) return printJson(shown, { url: url.value });
  if (opener && !opened) await shown.err.write(`${opener.file} failed\n`);
  await shown.out.write(`${url.value}\n`);
  return finish(shown, null, opener && !opened ? 1 : 0);
}

function failureOf(problem: AddressProblem | Failure): Failure {
  return 'code' in problem ? problem : { code: 'E001', kind: 'usage', ...addressProblem(problem), command: 'open' };
}
