/** `devup add <service>`: gives a new service a port, and writes it into every file that lists its siblings, or into none. */
import path from 'node:path';
import { type AddPlan, type AddWording, planAddition } from '../../app/add/plan.ts';
import { type Given, givePort } from '../../app/add/port.ts';
import { findTarget, loadTarget } from '../../app/target.ts';
import type { PreparedFile } from '../../check/add/prepare.ts';
import { unifiedDiff } from '../../check/report/diff.ts';
import { writeAll } from '../../check/write-all.ts';
import { serviceNameProblem } from '../../config/validate/names.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Stack } from '../../model/service.ts';
import { portDocument } from '../../render/port-document.ts';
import { painter } from '../../render/style.ts';
import { passedOverJson, passedOverWords, stateHolders } from '../../render/words/allocation.ts';
import { troubleWords } from '../../render/words/port-trouble.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag, textFlag } from '../parse/values.ts';
import { finish, printJson } from '../screen/finish.ts';
import { readLine } from '../screen/read-line.ts';
import { type Screen, screen } from '../screen/screen.ts';

export async function add(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return finish(shown, stack.failure);
  const [service = ''] = parsed.words;
  const named = usableName(service, stack.value);
  if (!named.ok) return finish(shown, named.failure);
  const port = textFlag(parsed, 'port');
  const wanted = { service, category: textFlag(parsed, 'category'), port: port === null ? null : Number(port) };
  const given = await givePort(wanted, stack.value, context);
  if (!given.ok) return finish(shown, given.failure);
  const { category } = given.value;
  const command = textFlag(parsed, 'command');
  if (command === null && !stack.value.services.some((one) => category !== null && one.category === category && one.ports.length > 0))
    return finish(shown, usage(`${service} has no sibling to be modelled on: give its command with --command`));
  const asked = {
    service,
    port: given.value.port,
    category,
    command,
    cwd: textFlag(parsed, 'cwd'),
    description: textFlag(parsed, 'description'),
  };
  const plan = await planAddition(asked, { target: target.value, stack: stack.value }, WORDING, context);
  if (!plan.ok) return finish(shown, plan.failure);
  return carryOut({ plan: plan.value, given: given.value, root: stack.value.root }, parsed, shown, context);
}

const WORDING: AddWording = { document: portDocument, describeTrouble: troubleWords };

/** Fails with E501 for an existing service, and with E001 for an invalid name. */
function usableName(name: string, stack: Stack): Result<null, Failure> {
  const same = stack.services.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (same) return fail({ code: 'E501', kind: 'service-exists', name: same.name, file: path.basename(stack.configFile) });
  const problem = serviceNameProblem(name);
  return problem === null ? ok(null) : fail(usage(`"${name}" ${problem}`));
}

/** A port, and the changes that would write it. */
interface PlannedAddition {
  readonly plan: AddPlan;
  readonly given: Given;
  readonly root: string;
}

async function carryOut({ plan, given, root }: PlannedAddition, parsed: Parsed, shown: Screen, context: Context): Promise<number> {
  const { changes, added } = plan;
  const diff = changes.map(diffOf).join('');
  const dryRun = parsed.flags['dry-run'] === true;
  if (!shown.json) {
    await shown.out.write(coloured(diff, shown));
    await shown.out.flush();
    await printPlan(plan, given, shown);
  }
  const agreed =
    dryRun || shown.json || parsed.flags['yes'] === true || !shown.interactive || (await confirm(changes.length, shown, context));
  if (!agreed) {
    await shown.err.write('nothing was written\n');
    return finish(shown, null, 1);
  }
  const refused = dryRun ? null : writeAll(root, changes);
  if (refused) return finish(shown, { code: 'E504', kind: 'not-written', ...refused });
  const files = changes.map(({ file }) => file);
  if (shown.json) {
    const { port, category, passedOver, heldBy } = given;
    const warnings = plan.warnings.map(({ code, message, place }) => ({
      code,
      message,
      file: place?.file ?? null,
      line: place?.line ?? null,
    }));
    return printJson(shown, {
      service: added.name,
      port,
      category,
      files,
      diff,
      written: !dryRun,
      passedOver: passedOver.map((one) => passedOverJson(one, shown.viewer)),
      heldBy: heldBy && stateHolders(heldBy, shown.viewer),
      warnings,
    });
  }
  if (!dryRun) await shown.err.write(`wrote ${files.join(', ')}\n`);
  return finish(shown, null);
}

function diffOf({ file, read, after }: PreparedFile): string {
  return unifiedDiff({ file, before: read?.text ?? null, after });
}

function coloured(diff: string, { outColour }: Screen): string {
  const paint = painter(outColour);
  return diff.replaceAll(/^(?!--- |\+\+\+ )([-+@])[^\r\n]*/gm, (line, mark: string) =>
    paint(mark === '+' ? 'green' : mark === '-' ? 'red' : 'cyan', line),
  );
}

async function printPlan({ added, warnings }: AddPlan, { port, category, passedOver, heldBy }: Given, shown: Screen): Promise<void> {
  const lines = [
    `${added.name} gets ${port}${category === null ? '' : ` (${category})`}`,
    ...passedOver.filter(({ why }) => why !== 'declared').map((one) => `  ${one.port} ${passedOverWords(one, shown.viewer)}`),
    ...(heldBy === null ? [] : [`  warning: ${port} is held now, by ${stateHolders(heldBy, shown.viewer)}`]),
    ...warnings.map(({ code, message, place }) => `  left to you: ${code} ${message}${place ? `  ${place.file}:${place.line}` : ''}`),
  ];
  await shown.err.write(`${lines.join('\n')}\n`);
}

/** An empty line means yes, since the user asked for the change with this command. The end of the input means no. */
async function confirm(count: number, shown: Screen, context: Context): Promise<boolean> {
  await shown.err.write(`Write ${count === 1 ? 'this file' : `these ${count} files`}? [Y/n] `);
  await shown.err.flush();
  const answer = await readLine(context.stdin, new AbortController().signal);
  return answer !== null && /^(y(es)?)?$/i.test(answer.trim());
}

function usage(message: string): Failure {
  return { code: 'E001', kind: 'usage', message, suggestion: null, command: 'add' };
}
