/** The sections on running: commands, start order, links, and the variables that name other services. */
import path from 'node:path';
import { buildPlan, WHOLE_STACK } from '../../model/plan.ts';
import { isSecretName } from '../../model/secret-name.ts';
import { maskSecrets } from '../../model/secrets.ts';
import { commandLine, mainPort, type Service, type Stack } from '../../model/service.ts';
import { code, codeCell, link, listed, markdownTable, markdownText } from './markdown.ts';
import { named, notes } from './services.ts';

export function running({ root, services }: Stack): readonly string[] {
  const lines = services.map((service) => {
    if (service.command === null) return `- ${named(service)} is not started by devup: it must already run.`;
    const folder = relative(root, service.cwd);
    return `- ${named(service)}${folder === '' ? '' : `, in ${code(`${folder}/`)}`}: ${code(portable(maskSecrets(commandLine(service.command)), root))}`;
  });
  return [
    '### Running',
    '',
    '`devup start` starts everything, `devup start <service>` one service and what it needs. By hand, each in its folder:',
    '',
    ...lines,
  ];
}

/** Absolute paths differ between developers, so paths are shown relative to the repository. */
function portable(text: string, root: string): string {
  return text.replaceAll(`${root}/`, '').replaceAll(root, '.');
}

function relative(root: string, folder: string): string {
  return path.relative(root, folder).replaceAll(path.sep, '/');
}

export function order({ services }: Stack): readonly string[] {
  const { waves } = buildPlan(services, { ...WHOLE_STACK, services: services.map(({ name }) => name) });
  const lines = waves.map((wave, i) => {
    const members = wave.map(({ service, dependencies }) => {
      const after = dependencies.map((one) => `${markdownText(one.service)} is ${one.condition}`).join(' and ');
      const what = [...(mainPort(service) === null ? [] : [String(mainPort(service))]), ...notes(service)].join(', ');
      return `${markdownText(service.name)}${what === '' ? '' : ` (${what})`}${after === '' ? '' : ` once ${after}`}`;
    });
    return `${i + 1}. ${members.join('; ')}`;
  });
  const left = services.filter(({ optional, profiles }) => optional && profiles.length === 0).map(({ name }) => name);
  const more =
    left.length === 0 ? '' : `; with the optional services: ${code(`devup start ${left.map((name) => `--with ${name}`).join(' ')}`)}`;
  return [
    '### Start order',
    '',
    ...lines,
    '',
    `\`devup start\` does this${more}. Ctrl-C, or \`devup stop\`, stops everything in reverse order.`,
  ];
}

export function links({ services }: Stack): readonly string[] {
  const lines = services.flatMap((service) => {
    const own = Object.entries(service.links).map(([name, url]) => `${markdownText(name)} ${link(maskSecrets(url))}`);
    return own.length === 0 ? [] : [`- ${named(service)}: ${own.join(', ')}`];
  });
  return lines.length === 0 ? [] : ['### Links', '', ...lines, '', '`devup open <service>:<link>` opens one.'];
}

/** Variables that hold addresses or allowed origins, each listed once with its services. Likely secrets are left out. */
export function environment(stack: Stack): readonly string[] {
  const rows = groupedByKey(
    stack.services.flatMap((service) =>
      addressVariables(service, stack).map(
        ([name, value]) => [codeCell(`${name}=${portable(maskSecrets(value), stack.root)}`), service] as const,
      ),
    ),
  ).map(([variable, services]) => [variable, services.map(({ name }) => markdownText(name)).join(', ')]);
  const files = groupedByKey(
    stack.services.flatMap((service) => service.envFiles.map((file) => [code(relative(stack.root, file)), service] as const)),
  ).map(([file, services]) => `${file} is read by ${listed(services.map(({ name }) => markdownText(name)))}`);
  if (rows.length + files.length === 0) return [];
  return [
    '### Environment variables',
    '',
    ...(rows.length === 0 ? [] : [...markdownTable(['Variable', 'Services'], rows), '']),
    `${files.length === 0 ? '' : `${files.join('; ')}. `}Every service gets its port as \`PORT\`; \`devup env <service>\` prints all of its variables.`,
  ];
}

/** Groups items by a key, in the order in which the keys first appear. */
function groupedByKey(pairs: readonly (readonly [string, Service])[]): readonly (readonly [string, readonly Service[]])[] {
  const found = new Map<string, Service[]>();
  for (const [what, service] of pairs) found.set(what, [...(found.get(what) ?? []), service]);
  return [...found];
}

function addressVariables({ env, envFileValues }: Service, { services }: Stack): readonly (readonly [string, string])[] {
  const ports = services.flatMap((service) => service.ports.map(({ port }) => port));
  const one = new RegExp(`(?<!\\d)(?:${ports.join('|')})(?!\\d)`);
  return Object.entries({ ...envFileValues, ...env }).filter(
    ([name, value]) => !isSecretName(name) && (ORIGIN_LISTS.test(name) || (ports.length > 0 && one.test(value))),
  );
}

const ORIGIN_LISTS = /(^|_)(ALLOWED_HOSTS?|ALLOWED_ORIGINS?)$|CORS_|CSRF_TRUSTED/i;
