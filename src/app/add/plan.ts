/**
 * Plans the files that adding a service changes, and proves them before they are written: the new config loads, has the
 * service and leaves the others as they are, and `check` finds no new errors.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Addition } from '../../check/add/addition.ts';
import { type PreparedFile, prepareAddition } from '../../check/add/prepare.ts';
import { checkStack } from '../../check/check.ts';
import { contractOf } from '../../check/contract.ts';
import { findMarked, withMarked } from '../../check/markers.ts';
import { readTextFile } from '../../check/read.ts';
import { walk } from '../../check/walk.ts';
import { portFacts } from '../../machine/port-facts.ts';
import type { Finding } from '../../model/drift.ts';
import type { Failure, FailureOf } from '../../model/failure.ts';
import type { PortDocument } from '../../model/port-document.ts';
import type { DescribeTrouble } from '../../model/port-trouble.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { mainPort, type Service, type Stack } from '../../model/service.ts';
import type { AppContext } from '../context.ts';
import { documentOf } from '../docs.ts';
import { loadTarget, type Target } from '../target.ts';

/** A stack, and where it was found. */
export interface Loaded {
  readonly target: Target;
  readonly stack: Stack;
}

export type AddRequest = Pick<Addition, 'service' | 'port' | 'category' | 'command' | 'cwd' | 'description'>;

export interface AddPlan {
  readonly changes: readonly PreparedFile[];
  /** The new service, as the new config loads it. */
  readonly added: Service;
  /** New warnings of `check`; new errors are a failure. */
  readonly warnings: readonly Finding[];
}

/** Texts that the caller makes, since this floor has no prose. */
export interface AddWording {
  /** The document of a stack's ports. */
  readonly document: (facts: PortDocument) => string;
  readonly describeTrouble: DescribeTrouble;
}

/** Failures: E503, E505. */
export async function planAddition(
  asked: AddRequest,
  { target, stack }: Loaded,
  wording: AddWording,
  context: AppContext,
): Promise<Result<AddPlan, Failure>> {
  const addition = additionOf(asked, stack);
  const prepared = await prepareAddition(addition);
  const obstacle = (file: string, why: FailureOf<'E503'>['why'], line: number | null = null, snippet = '') =>
    fail<Failure>({ code: 'E503', kind: 'not-editable', service: asked.service, file, line, why, snippet });
  if ('why' in prepared) return obstacle(prepared.file, prepared.why, prepared.line, prepared.snippet);
  const config = path.basename(stack.configFile);
  const text = prepared.find(({ file }) => file === config)?.after;
  if (text === undefined) return obstacle(config, { kind: 'unchanged' });
  const loaded = await loadTarget(target, context, { text });
  if (!loaded.ok) return obstacle(config, { kind: 'not-loading', failure: loaded.failure });
  const added = loaded.value.services.find(({ name }) => name === asked.service);
  const others = loaded.value.services.filter((service) => service !== added);
  if (!added || mainPort(added) !== asked.port || !isDeepEqual(others, stack.services)) return obstacle(config, { kind: 'other-services' });
  const changes = await withDocuments(
    prepared,
    (envTexts) => documentOf(target, stack, context, { text, envTexts }).then(wording.document),
    stack,
  );
  const { describeTrouble } = wording;
  const system = await portFacts(context.machine);
  const before = await checkStack({ stack, describeTrouble, ...system });
  const after = await checkStack({
    stack: loaded.value,
    describeTrouble,
    overrides: new Map(changes.map((one) => [one.file, one.after])),
    ...system,
  });
  const more = newFindings(before.findings, after.findings);
  const errors = more.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return fail({ code: 'E505', kind: 'would-disagree', service: asked.service, findings: errors });
  return ok({ changes, added, warnings: more });
}

function additionOf(asked: AddRequest, stack: Stack): Addition {
  const contract = contractOf(stack);
  const distance = (service: Service) => Math.abs((mainPort(service) ?? 0) - asked.port);
  const siblings = stack.services
    .filter((service) => asked.category !== null && service.category === asked.category && mainPort(service) !== null)
    .toSorted((a, b) => distance(a) - distance(b) || (mainPort(a) ?? 0) - (mainPort(b) ?? 0));
  return {
    ...asked,
    siblings,
    contract,
    isFrontend: siblings.some(contract.isFrontend),
    exists: (file) => existsSync(path.resolve(stack.root, file)),
    generated: (text) => {
      const found = findMarked(text);
      return found === null || typeof found === 'string' ? null : found;
    },
  };
}

/** Adds new versions of the documents that `devup docs` has written. */
async function withDocuments(
  changes: readonly PreparedFile[],
  write: (envTexts: ReadonlyMap<string, string>) => Promise<string>,
  stack: Stack,
): Promise<readonly PreparedFile[]> {
  const documents = walk({ root: stack.root, wanted: (file) => /\.(md|markdown|mdx)$/i.test(file) }).flatMap((file) => {
    const read = readTextFile(path.join(stack.root, file));
    if (typeof read === 'string') return [];
    const marked = findMarked(read.text);
    return marked === null || typeof marked === 'string' ? [] : [{ file, read }];
  });
  if (documents.length === 0) return changes;
  const envTexts = new Map(changes.map(({ file, after }) => [path.resolve(stack.root, file), after]));
  const part = await write(envTexts);
  const written = documents.map(({ file, read }): PreparedFile => {
    const edited = changes.find((one) => one.file === file)?.after ?? read.text;
    return { file, read, after: withMarked(edited, part) };
  });
  return [
    ...changes.filter(({ file }) => !written.some((one) => one.file === file)),
    ...written.filter(({ read, after }) => after !== read?.text),
  ];
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Compares findings by message, not by line: the lines have moved. */
function newFindings(before: readonly Finding[], after: readonly Finding[]): readonly Finding[] {
  const known = new Map<string, number>();
  const key = ({ code, message, place }: Finding) => `${code}\0${place?.file}\0${message}`;
  for (const one of before) known.set(key(one), (known.get(key(one)) ?? 0) + 1);
  return after.filter((one) => {
    const left = known.get(key(one)) ?? 0;
    known.set(key(one), left - 1);
    return left <= 0;
  });
}
