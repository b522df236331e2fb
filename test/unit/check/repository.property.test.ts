/** A stack, and a repository that agrees with it in every kind of file; then one digit of one port changes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkIn, line, repository, writeFiles } from './repository.ts';

const NAMES = ['auth', 'billing', 'catalog', 'orders', 'search', 'mail', 'media', 'reports'];
/** No two share three of their four digits: otherwise a change could turn one into the other, which is right and not wrong. */
const PORTS = [3000, 4111, 5222, 6333, 7444, 8555, 9666, 2777];

interface Declared {
  readonly name: string;
  readonly port: number;
}

/** Ports stand between « and ». */
type Kind = (services: readonly Declared[]) => Readonly<Record<string, string>>;

const each = (services: readonly Declared[], text: (one: Declared) => string) => services.map(text).join('');

const KINDS: readonly Kind[] = [
  (all) =>
    Object.fromEntries(
      all.map(({ name, port }) => [`services/${name}/package.json`, `{ "scripts": { "dev": "vite --port «${port}»" } }\n`]),
    ),
  (all) => ({ Procfile: each(all, ({ name, port }) => `${name}: gunicorn -b :«${port}» app\n`) }),
  (all) => ({
    '.env': each(all, ({ name, port }) => `${name.toUpperCase()}_URL=http://localhost:«${port}»/\n${name.toUpperCase()}_PORT=«${port}»\n`),
  }),
  (all) => ({
    'compose.yml': `services:\n${each(all, ({ name, port }) => `  ${name}:\n    build: .\n    ports: ["«${port}»:«${port}»"]\n    environment: { PORT: «${port}» }\n`)}`,
  }),
  (all) =>
    Object.fromEntries(
      all.map(({ name, port }) => [
        `k8s/${name}.yml`,
        `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec:\n  containers:\n    - name: ${name}\n      ports: [{ containerPort: «${port}» }]\n      readinessProbe: { httpGet: { port: «${port}» } }\n`,
      ]),
    ),
  (all) =>
    Object.fromEntries(
      all.map(({ name, port }) => [
        `services/${name}/vite.config.ts`,
        `export default { server: { strictPort: true, port: «${port}», proxy: { '/': 'http://localhost:«${port}»' } } };\n`,
      ]),
    ),
  (all) => ({
    'nginx.conf': `server {\n${each(all, ({ name, port }) => `  location /${name} { proxy_pass http://127.0.0.1:«${port}»; }\n`)}}\n`,
  }),
  (all) => ({ 'backend/settings.py': each(all, ({ name, port }) => `${name.toUpperCase()}_URL = 'http://localhost:«${port}»'\n`) }),
  (all) => ({
    'README.md': `# Ports\n\n| Service | Port |\n|---|---|\n${each(all, ({ name, port }) => `| ${name} service | «${port}» |\n`)}\nOpen http://localhost:«${all[0]?.port}».\n`,
  }),
  (all) => ({
    'prometheus.yml': `scrape_configs:\n${each(all, ({ name, port }) => `  - job_name: ${name}\n    static_configs: [{ targets: ["localhost:«${port}»"] }]\n`)}`,
  }),
  (all) =>
    Object.fromEntries(
      all.map(({ name, port }) => [
        `services/${name}/Properties/launchSettings.json`,
        `{ "profiles": { "${name}": { "applicationUrl": "http://localhost:«${port}»" } } }\n`,
      ]),
    ),
  (all) => ({
    'compose.dev.yml': `services:\n${each(all, ({ name, port }) => `  ${name}:\n    image: ${name}\n    command: >\n      sh -c "gunicorn\n      --bind 0.0.0.0:«${port}»"\n    ports: ["\${${name.toUpperCase()}:-«${port}»}:80"]\n`)}`,
  }),
  (all) => ({
    'k8s/config.yml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shared }\ndata:\n  app.env: |\n${each(all, ({ name, port }) => `    ${name.toUpperCase()}_URL=http://localhost:«${port}»\n`)}`,
  }),
  (all) =>
    Object.fromEntries(
      all.map(({ name, port }) => [
        `services/${name}/vite.config.mts`,
        `const PORT = «${port}»;\nexport default { server: { strictPort: true, port: PORT } };\n`,
      ]),
    ),
  (all) => ({ '.devcontainer/devcontainer.json': `{ "forwardPorts": [${all.map(({ port }) => `«${port}»`).join(', ')}] }\n` }),
];

const world = fc.record({
  services: fc
    .tuple(fc.shuffledSubarray(NAMES, { minLength: 1 }), fc.shuffledSubarray(PORTS, { minLength: NAMES.length }))
    .map(([names, ports]) => names.map((name, i): Declared => ({ name, port: ports[i] as number }))),
  kinds: fc.shuffledSubarray([...KINDS], { minLength: 1 }),
  crlf: fc.boolean(),
  which: fc.nat(),
  digit: fc.nat({ max: 3 }),
  shift: fc.integer({ min: 1, max: 8 }),
});

test('a repository that agrees has no findings, and any changed port is reported at its place', async () => {
  const root = repository({});
  let run = 0;
  await fc.assert(
    fc.asyncProperty(world, async ({ services, kinds, crlf, which, digit, shift }) => {
      const folder = `${root}/${run++}`;
      const config = {
        services: Object.fromEntries(services.map(({ name, port }) => [name, { command: 'x', port, cwd: `services/${name}` }])),
      };
      const files = Object.fromEntries(kinds.flatMap((kind) => Object.entries(kind(services))));
      const ended = Object.entries(files).map(([name, text]) => [name, crlf ? text.replaceAll('\n', '\r\n') : text] as const);
      writeFiles(folder, Object.fromEntries(ended.map(([name, text]) => [name, text.replaceAll(/[«»]/g, '')])));
      expect((await checkIn(folder, config)).findings.map(line)).toEqual([]);

      const ports = ended.flatMap(([name, text]) =>
        [...text.matchAll(/«(\d+)»/g)].map((match) => ({ name, text, at: match.index, digits: match[1] as string })),
      );
      const { name, text, at, digits } = ports[which % ports.length] as (typeof ports)[number];
      const old = Number(digits[digit]);
      // A port does not begin with 0.
      const other = digit === 0 ? ((old - 1 + shift) % 9) + 1 : (old + shift) % 10;
      const wrong = digits.slice(0, digit) + other + digits.slice(digit + 1);
      const before = text.slice(0, at).replaceAll(/[«»]/g, '');
      writeFiles(folder, { [name]: before + wrong + text.slice(at + digits.length + 2).replaceAll(/[«»]/g, '') });
      const lines = before.split('\n');
      const place = `${name}:${lines.length}:${(lines.at(-1) as string).length + 1}`;
      const found = (await checkIn(folder, config)).findings.map(line);
      expect(
        found.filter((one) => one.includes(` ${place} `)),
        `${digits} → ${wrong}`,
      ).toHaveLength(1);
    }),
    { numRuns: 100 },
  );
}, 60_000);
