/** Checks between the fields of one service. */
import { isIP } from 'node:net';
import { parseDuration } from '../../model/duration.ts';
import type { ReadinessInput, ReadinessTestInput, Service, ServiceInput } from '../../model/service.ts';
import { isExternal, isTask, mainPort, portVariable } from '../../model/service.ts';
import { testsOf } from '../resolve/readiness.ts';
import { EXTERNAL_TESTS, IDENTIFYING_TESTS, identifiesServer, ownProcessKey, type TestProblem, testProblems } from '../resolve/tests.ts';
import type { ConfigFinding, Path } from './finding.ts';

export interface CheckedService {
  readonly input: ServiceInput;
  readonly service: Service;
  /** Fields that are already reported as wrong, so that nothing follows from their absence. */
  readonly wrong: ReadonlySet<string>;
}

export function serviceFindings(checked: CheckedService): readonly ConfigFinding[] {
  const at: Path = ['services', checked.service.name];
  return [
    commandFindings,
    hostFindings,
    portFindings,
    envFindings,
    readyFindings,
    testFindings,
    taskFindings,
    externalFindings,
    conflictFindings,
    urlFindings,
  ]
    .flatMap((check) => check(checked))
    .map((finding) => ({ ...finding, path: [...at, ...finding.path] }));
}

function commandFindings({ input }: CheckedService): readonly ConfigFinding[] {
  const blank = (value: unknown): boolean =>
    typeof value === 'string' ? value.trim() === '' : Array.isArray(value) && String(value[0] ?? '').trim() === '';
  if (blank(input.command)) return [{ path: ['command'], message: 'is empty' }];
  return [];
}

function hostFindings({ input }: CheckedService): readonly ConfigFinding[] {
  const { host } = input;
  // The pattern is tested first: most hosts match it, and `node:net` is slow to load.
  if (host === undefined || /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$/.test(host) || isIP(host) !== 0) return [];
  return [{ path: ['host'], message: 'must be a host name or an address, without scheme, port or path' }];
}

function portFindings({ input, service }: CheckedService): readonly ConfigFinding[] {
  if (input.port !== undefined && input.ports && Object.hasOwn(input.ports, 'main')) {
    return [{ path: ['ports', 'main'], message: 'is declared twice: "port" is the port "main"' }];
  }
  const owners = new Map<string, string>();
  return service.ports.flatMap(({ name }): ConfigFinding[] => {
    const variable = portVariable(name);
    const owner = owners.get(variable);
    owners.set(variable, name);
    return owner === undefined ? [] : [{ path: ['ports', name], message: `would be ${variable} in the environment, like "${owner}"` }];
  });
}

/** Variables that devup sets for every service. */
const ownVariables = ['DEVUP_STACK', 'DEVUP_SERVICE', 'DEVUP_RUN', 'DEVUP_DEBUG'];

function envFindings({ service, wrong }: CheckedService): readonly ConfigFinding[] {
  const findings: ConfigFinding[] = ownVariables
    .filter((name) => Object.hasOwn(service.env, name))
    .map((name) => ({ path: ['env', name], message: 'is set by devup itself' }));
  if (wrong.has('port') || wrong.has('ports')) return findings;
  for (const [index, { name, port }] of service.ports.entries()) {
    const variable = index === 0 ? 'PORT' : portVariable(name);
    const value = service.env[variable];
    if (value === undefined || value === String(port)) continue;
    const suggestion = index === 0 ? `\${port}` : `\${ports.${name}}`;
    findings.push({
      path: ['env', variable],
      message: `differs from the declared port ${port}; devup sets it, so leave it out`,
      value,
      suggestion,
    });
  }
  return findings;
}

function readyFindings({ input, service, wrong }: CheckedService): readonly ConfigFinding[] {
  const findings = [...timingFindings(input.ready, ['ready']), ...timingFindings(input.health, ['health'])];
  if (typeof input.onConflict === 'object') {
    findings.push(...timingFindings(input.onConflict.reuse, ['onConflict', 'reuse']));
  }
  if (wrong.has('port') || wrong.has('ports') || mainPort(service) !== null) return findings;
  const needsPort = 'needs a port, but the service declares none';
  if (input.onConflict !== undefined && input.onConflict !== 'kill') findings.push({ path: ['onConflict'], message: needsPort });
  if (input.listener !== undefined && input.listener !== 'tree') findings.push({ path: ['listener'], message: needsPort });
  return findings;
}

function timingFindings(ready: ReadinessInput | undefined, at: Path): readonly ConfigFinding[] {
  const tests = testsOf(ready);
  return (['timeout', 'interval'] as const).flatMap((field): ConfigFinding[] => {
    const declared = tests.map((test, index) => ({ index, value: test[field] })).filter(({ value }) => value !== undefined);
    const path = (index: number) => [...at, ...(Array.isArray(ready) ? [index] : []), field];
    const zero = declared
      .filter(({ value }) => parseDuration(value) === 0)
      .map(({ index }) => ({ path: path(index), message: 'must be longer than 0' }));
    const differing = declared.filter(({ value }) => parseDuration(value) !== parseDuration(declared[0]?.value));
    return [
      ...zero,
      ...differing.map(({ index }) => ({
        path: path(index),
        message: `differs from another ${field} of the same list; all tests of a list share one`,
      })),
    ];
  });
}

function testFindings({ input, service, wrong }: CheckedService): readonly ConfigFinding[] {
  const portless = mainPort(service) === null && !wrong.has('port') && !wrong.has('ports');
  const health = input.health ? [{ test: input.health, path: ['health'] }] : [];
  // Without a port, `readyFindings` rejects `onConflict` itself.
  const reuse = typeof input.onConflict === 'object' ? testsAt(input.onConflict.reuse, ['onConflict', 'reuse']) : [];
  return [
    ...[...testsAt(input.ready, ['ready']), ...health].flatMap(({ test, path }) => problemsAt(path, testProblems(test, portless))),
    ...reuse.flatMap(({ test, path }) => problemsAt(path, testProblems(test, false))),
  ];
}

function problemsAt(path: Path, problems: readonly TestProblem[]): readonly ConfigFinding[] {
  return problems.map(({ key, message }) => ({ path: [...path, key], message }));
}

/** Each test with its path. */
function testsAt(ready: ReadinessInput | undefined, at: Path): readonly { readonly test: ReadinessTestInput; readonly path: Path }[] {
  return testsOf(ready).map((test, index) => ({ test, path: Array.isArray(ready) ? [...at, index] : at }));
}

function taskFindings({ input, service }: CheckedService): readonly ConfigFinding[] {
  if (!isTask(service)) return [];
  const findings: ConfigFinding[] = [];
  if (service.ready.tests.length > 1)
    findings.push({ path: ['ready'], message: 'cannot ask for more than { exit: 0 }: a task is ready when it has ended' });
  const held = service.ports.find((port) => port.required);
  if (held) {
    const path = input.port === held.port ? ['port'] : ['ports', held.name];
    findings.push({
      path,
      message:
        'cannot be held by a task (ready: { exit: 0 }), which runs to its end; with required: false devup claims it without waiting for it',
    });
  }
  if (input.health !== undefined)
    findings.push({ path: ['health'], message: 'has no effect on a task (ready: { exit: 0 }), which runs to its end' });
  if (service.restart.policy === 'always')
    findings.push({ path: ['restart'], message: 'cannot be "always" on a task (ready: { exit: 0 }): it would never end' });
  return findings;
}

function externalFindings({ input, service, wrong }: CheckedService): readonly ConfigFinding[] {
  if (!isExternal(service) || wrong.has('command')) return [];
  const findings: ConfigFinding[] = [];
  if (input.ready === undefined && !wrong.has('ready')) {
    findings.push({
      path: ['ready'],
      message: `is missing: without a command the service is external, and devup must detect it with ${EXTERNAL_TESTS}`,
    });
  }
  for (const { test, path } of testsAt(input.ready, ['ready'])) {
    const key = ownProcessKey(test);
    if (key !== null)
      findings.push({ path: [...path, key], message: `cannot be observed on a service without a command; use ${EXTERNAL_TESTS}` });
  }
  for (const field of ['stop', 'restart', 'listener', 'onConflict', 'output'] as const) {
    if (input[field] !== undefined)
      findings.push({ path: [field], message: 'has no effect without a command: devup never starts or stops an external service' });
  }
  return findings;
}

function conflictFindings({ input, service, wrong }: CheckedService): readonly ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  if (service.listener.kind === 'container' && service.stop.kind !== 'command' && !wrong.has('stop')) {
    findings.push({
      path: ['stop'],
      message: 'must be a command when a container holds the port: ending the process that devup started does not end it',
      suggestion: '{ command: "docker compose stop …" }',
    });
  }
  if (
    service.onConflict.policy === 'reuse' &&
    !service.onConflict.proof.tests.some(identifiesServer) &&
    !wrong.has('ready') &&
    !isExternal(service)
  ) {
    const path = typeof input.onConflict === 'object' ? ['onConflict', 'reuse'] : ['onConflict'];
    const where = typeof input.onConflict === 'object' ? 'must be' : 'needs "ready" to be';
    findings.push({ path, message: `${where} ${IDENTIFYING_TESTS}: an open port alone does not prove whose server it is` });
  }
  return findings;
}

function urlFindings({ input, service, wrong }: CheckedService): readonly ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  const portless = mainPort(service) === null && !wrong.has('port') && !wrong.has('ports');
  for (const [name, link] of Object.entries(input.links ?? {})) {
    if (link.startsWith('/')) {
      if (portless)
        findings.push({
          path: ['links', name],
          message: 'is a path, which needs a port, but the service declares none; write a full URL',
        });
    } else if (!URL.canParse(link)) findings.push({ path: ['links', name], message: 'must be a URL, or a path that begins with "/"' });
  }
  return findings;
}
