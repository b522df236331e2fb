/**
 * Exported data → the stack, or all of its problems. Each step works on the result of the one before: data, shape, env files,
 * interpolation, defaults, and then the relations between the parts.
 */
import path from 'node:path';
import type { ConfigProblem } from '../model/config-problem.ts';
import type { PlatformName } from '../model/platform.ts';
import { parsePortRange } from '../model/port-range.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { Secrets, withoutSecrets } from '../model/secrets.ts';
import { type FileWarning, type Service, type ServiceInput, type Stack, type StackInput, serviceUrl } from '../model/service.ts';
import { stackId } from '../model/stack-id.ts';
import type { Plain } from './evaluate/plain.ts';
import { type PlannedTexts, readEnvFiles } from './resolve/env-file.ts';
import { declaredPorts, isTaskInput, normalizeService } from './resolve/normalize.ts';
import { interpolateService } from './resolve/texts.ts';
import { type ConfigFinding, type Path, type Position, toProblem, valueAt } from './validate/finding.ts';
import { nameFindings } from './validate/names.ts';
import { prune } from './validate/prune.ts';
import { referenceFindings } from './validate/references.ts';
import { serviceFindings } from './validate/semantics.ts';

export interface StackContext {
  /** Real path of the config. */
  readonly file: string;
  /** Other files that the config's code has read. */
  readonly reads: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Selects one command of a `command` that differs between platforms. */
  readonly platform: PlatformName;
  readonly portable?: boolean;
  readonly envTexts?: PlannedTexts;
  /** Called for what is odd in an env file, once for each service that names the file. */
  readonly onWarning: (warning: FileWarning) => void;
  /** Finds problems of shape. */
  readonly shape: (plain: Plain) => Promise<readonly ConfigFinding[]>;
  /** Finds positions in the file. Called only when there are problems, because it parses the file. */
  readonly locator: () => Promise<(path: Path) => Position | null>;
}

/** `data`: findings about values that are not data, and therefore missing from `plain`. */
export async function buildStack(
  plain: Plain,
  data: readonly ConfigFinding[],
  context: StackContext,
): Promise<Result<Stack, readonly ConfigProblem[]>> {
  const first = [...data, ...nameFindings(plain)];
  const shape = [...first, ...onlyNewPaths(await context.shape(plain), first)];
  const built = await normalize(plain, shape, context);
  const findings = [...shape, ...built.findings];
  if (findings.length === 0) return ok(built.stack);
  const locate = await context.locator();
  const problems = inDeclaredOrder(findings, plain).map((finding) => toProblem(finding, plain, locate));
  const secrets = new Secrets(context.env);
  secrets.learn(built.stack);
  return fail(withoutSecrets(problems, secrets));
}

/** A value that is not data also fails the check of the shape, as missing; only the first finding of a path is reported. */
function onlyNewPaths(findings: readonly ConfigFinding[], earlier: readonly ConfigFinding[]): readonly ConfigFinding[] {
  const reported = new Set(earlier.map(({ path: at }) => at.join('\0')));
  return findings.filter(({ path: at }) => !reported.has(at.join('\0')));
}

async function normalize(
  plain: Plain,
  shape: readonly ConfigFinding[],
  context: StackContext,
): Promise<{ readonly stack: Stack; readonly findings: readonly ConfigFinding[] }> {
  const root = path.dirname(context.file);
  const { config, wrong } = prune(plain, shape);
  const entries = Object.entries(config.services);
  const findings: ConfigFinding[] = [];
  const services: Service[] = [];
  const known = new Map(entries.map(([name, input]) => [name, addressOf(input, valueAt(plain, ['services', name]))]));
  for (const [name, input] of entries) {
    const at = ['services', name];
    const wrongFields = wrong.get(name) ?? new Set<string>();
    const files = readEnvFiles(input.envFile, {
      root,
      at: [...at, 'envFile'],
      future: context.envTexts,
      env: context.portable ? {} : context.env,
      onWarning: context.onWarning,
    });
    const interpolated = interpolateService(input, at, {
      ports: known.get(name)?.ports ?? new Map(),
      services: known,
      env: (variable, hasDefault) =>
        context.portable
          ? hasDefault
            ? undefined
            : `$${variable}`
          : (context.env[variable] ?? (Object.hasOwn(files.values, variable) ? files.values[variable] : undefined)),
    });
    const service = normalizeService(name, interpolated.input, {
      root,
      platform: context.platform,
      envFiles: files.files,
      envFileValues: files.values,
      isTask: (other) => isTaskInput(config.services[other] ?? {}),
    });
    findings.push(...files.findings, ...interpolated.findings);
    const checked = serviceFindings({ input: interpolated.input, service, wrong: wrongFields });
    findings.push(...checked.filter((finding) => !interpolated.findings.some((unknown) => concerns(finding.path, unknown.path))));
    services.push(wrongFields.has('dependsOn') ? { ...service, dependsOn: [] } : service);
  }
  const names = Object.keys((valueAt(plain, ['services']) as object | null | undefined) ?? {});
  findings.push(...referenceFindings(services, { config, names, wrong: (service, field) => wrong.get(service)?.has(field) ?? false }));
  if (entries.length === 0 && shape.length === 0) findings.push({ path: ['services'], message: 'is empty: there is nothing to start' });
  return { stack: toStack(config, services, context, root), findings };
}

/** A text with an unknown reference gets no second finding, nor does the field that contains the text. */
function concerns(path: Path, text: Path): boolean {
  return path.every((key, index) => index >= text.length || key === text[index]);
}

/** Includes ports of the wrong shape: they are declared, so that a reference to one is not another problem. */
function addressOf(
  input: ServiceInput,
  plain: unknown,
): { readonly ports: ReadonlyMap<string, number>; readonly port: number | null; readonly url: string | null } {
  const ports = declaredPorts(input);
  const byName = new Map(ports.map(({ name, port }) => [name, port]));
  if (valueAt(plain, ['port']) !== undefined && !byName.has('main')) byName.set('main', 0);
  const raw = valueAt(plain, ['ports']);
  for (const name of typeof raw === 'object' && raw !== null ? Object.keys(raw) : []) if (!byName.has(name)) byName.set(name, 0);
  const [port] = byName.values();
  return {
    ports: byName,
    port: port ?? null,
    url: serviceUrl({ host: input.host ?? 'localhost', ports }) ?? (port === undefined ? null : ''),
  };
}

function toStack(config: StackInput, services: readonly Service[], { file, reads }: StackContext, root: string): Stack {
  return {
    name: config.name ?? (path.basename(root) || 'stack'),
    id: stackId(file),
    configFile: file,
    configReads: reads,
    root,
    services,
    ranges: Object.entries(config.ranges ?? {}).flatMap(([category, { ports, purpose }]) => {
      const range = parsePortRange(ports);
      return typeof range === 'string' ? [] : [{ category, from: range.from, to: range.to, purpose: purpose ?? null }];
    }),
    routes: Object.entries(config.routes ?? {}).map(([prefix, service]) => ({ prefix, service })),
    check: { include: config.check?.include ?? null, ignore: config.check?.ignore ?? [] },
  };
}

/** Sorts the findings by their place in the config. */
function inDeclaredOrder(findings: readonly ConfigFinding[], plain: Plain): readonly ConfigFinding[] {
  const index = (path: Path): number => {
    const around = valueAt(plain, path.slice(0, -1));
    return typeof around === 'object' && around !== null ? Object.keys(around).indexOf(String(path.at(-1))) : -1;
  };
  const rank = ({ path: at }: ConfigFinding): readonly [number, number] =>
    at[0] === 'services' && at.length > 1 ? [index(at.slice(0, 2)), at.length > 2 ? index(at.slice(0, 3)) : -1] : [-1, -1];
  return findings
    .map((finding) => ({ finding, at: rank(finding) }))
    .toSorted((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1])
    .map(({ finding }) => finding);
}
