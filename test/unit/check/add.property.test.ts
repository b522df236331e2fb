/** A repository that agrees with its config gets one more service: it still agrees, and the diff can be undone to the byte. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareAddition } from '../../../src/check/add/prepare.ts';
import { contractOf } from '../../../src/check/contract.ts';
import { unifiedDiff } from '../../../src/check/report/diff.ts';
import { writeAll } from '../../../src/check/write-all.ts';
import { mainPort, type Stack } from '../../../src/model/service.ts';
import { stack } from '../config/stacks.ts';
import { undone } from './patch.ts';
import { checkIn, line, repository, writeFiles } from './repository.ts';

interface Declared {
  readonly name: string;
  readonly port: number;
  readonly category: string;
}

type Kind = (services: readonly Declared[]) => Readonly<Record<string, string>>;

const each = (services: readonly Declared[], text: (one: Declared) => string) => services.map(text).join('');
const upper = (name: string) => name.toUpperCase().replaceAll('-', '_');

const KINDS: readonly Kind[] = [
  (all) => ({
    'package.json': `{\n  "scripts": {\n${all.map(({ name, port }) => `    "dev:${name}": "vite --port ${port}"`).join(',\n')}\n  }\n}\n`,
  }),
  (all) => ({ '.env': each(all, ({ name, port }) => `${upper(name)}_PORT=${port}\n${upper(name)}_URL="http://localhost:${port}/"\n`) }),
  (all) => ({
    'compose.yml': `services:\n${each(all, ({ name, port }) => `  ${name}:\n    build: ./${name}\n    ports:\n      - "${port}:${port}"\n    environment: { PORT: ${port}, TOKEN: hunter2 }\n\n`)}`,
  }),
  (all) => ({ 'docker-compose.yml': `services: { ${all.map(({ name, port }) => `${name}: { ports: ["${port}:80"] }`).join(', ')} }\n` }),
  (all) => ({
    'k8s/all.yml': all
      .map(
        ({ name, port }) =>
          `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec:\n  containers:\n    - name: ${name}\n      ports: [{ containerPort: ${port} }]\n`,
      )
      .join('---\n'),
  }),
  (all) =>
    Object.fromEntries(
      all.map(({ name, port }) => [
        `deploy/${name}.yml`,
        `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n    - port: ${port}\n`,
      ]),
    ),
  (all) => ({
    'PORTS.md': `# Ports\n\n| Service | Port | Why |\n|---|---|---|\n${each(all, ({ name, port }) => `| ${name} | ${port} | x |\n`)}`,
  }),
];

const NAMES = ['auth', 'chat-service', 'orders', 'search', 'mail', 'media'];

const world = fc.record({
  services: fc
    .tuple(fc.shuffledSubarray(NAMES, { minLength: 1 }), fc.shuffledSubarray([4000, 4001, 4002, 4004, 4007, 4009], { minLength: 6 }))
    .chain(([names, ports]) =>
      fc
        .array(fc.constantFrom('backend', 'worker'), { minLength: names.length, maxLength: names.length })
        .map((categories) =>
          names.map((name, i): Declared => ({ name, port: ports[i] as number, category: i === 0 ? 'backend' : (categories[i] as string) })),
        ),
    ),
  name: fc.constantFrom('billing', 'patient-records', 'sms-service'),
  port: fc.constantFrom(4003, 4005, 4100),
  kinds: fc.shuffledSubarray([...KINDS]),
  end: fc.constantFrom('\n', '\r\n'),
  bom: fc.boolean(),
  style: fc.constantFrom('lines', 'one line'),
});

function configOf(services: readonly Declared[], style: string): string {
  const entries = services.map(
    ({ name, port, category }) =>
      `"${name}": { "port": ${port}, "cwd": "services/${name}", "command": "serve ${name}", "category": "${category}" }`,
  );
  if (style === 'one line') return `{ "services": { ${entries.join(', ')} } }`;
  return `{\n  "services": {\n${entries.map((one) => `    ${one}`).join(',\n')}\n  }\n}\n`;
}

function read(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return [path.relative(root, file), readFileSync(file, 'utf8')];
    }),
  );
}

const loaded = async (root: string): Promise<{ readonly config: object; readonly stack: Stack }> => {
  const file = path.join(root, 'orchestrator.config.json');
  const config = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) as object;
  return { config, stack: await stack(config, { file }) };
};

test('adding a service to a repository without findings adds none, and undoing the diff restores every byte', async () => {
  const top = repository({});
  let run = 0;
  await fc.assert(
    fc.asyncProperty(world, async ({ services, name, port, kinds, end, bom, style }) => {
      const root = `${top}/${run++}`;
      const texts = Object.assign({ 'orchestrator.config.json': configOf(services, style) }, ...kinds.map((kind) => kind(services)));
      const mark = bom ? '\uFEFF' : '';
      const files = Object.fromEntries(Object.entries<string>(texts).map(([file, text]) => [file, mark + text.replaceAll('\n', end)]));
      writeFiles(root, files);
      const before = await loaded(root);
      expect((await checkIn(root, before.config)).findings.map(line)).toEqual([]);

      const contract = contractOf(before.stack);
      const siblings = before.stack.services
        .filter(({ category }) => category === 'backend')
        .toSorted((a, b) => Math.abs((mainPort(a) ?? 0) - port) - Math.abs((mainPort(b) ?? 0) - port));
      const changes = await prepareAddition({
        ...{ service: name, port, category: 'backend', command: null, cwd: null, description: null, isFrontend: false },
        ...{ siblings, contract, generated: () => null, exists: () => false },
      });
      if ('why' in changes) throw new Error(`${changes.file}:${changes.line} ${changes.why}`);
      expect(changes.length).toBe(1 + kinds.length);
      expect(writeAll(root, changes)).toBeNull();

      const after = await loaded(root);
      expect(after.stack.services.filter((one) => one.name !== name)).toEqual(before.stack.services);
      expect(after.stack.services.find((one) => one.name === name)).toMatchObject({ category: 'backend', ports: [{ port }] });
      expect((await checkIn(root, after.config)).findings.map(line)).toEqual([]);
      const now = read(root);
      for (const text of Object.values(now)) expect(text.replaceAll('\r\n', '').includes(end === '\r\n' ? '\n' : '\r')).toBe(false);
      expect(Object.values(now).join('').split('hunter2').length).toBe(Object.values(files).join('').split('hunter2').length);

      const diff = changes.map((one) => unifiedDiff({ file: one.file, before: one.read?.text ?? null, after: one.after })).join('');
      const bare = Object.fromEntries(Object.entries(now).map(([file, text]) => [file, text.replace(/^\uFEFF/, '')]));
      const back = undone(diff, bare);
      expect(Object.fromEntries(Object.entries(back).map(([file, text]) => [file, mark + text]))).toEqual(files);
    }),
    { numRuns: 100 },
  );
}, 60_000);
