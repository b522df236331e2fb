/** `devup check` over a repository of 2,000 files, half of which name ports, beside one of 20. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { interleaved } from '../rig/statistics.mjs';

export const check = {
  name: 'check',
  title: '`devup check` over 2,000 files',
  async run({ rig, quick }) {
    const folders = { '20 files': repository(rig.folder(), 2), '2,000 files': repository(rig.folder(), 200) };
    const measure = (name) => rig.succeeding(rig.devup('check'), { cwd: folders[name] });
    return { check: await interleaved(Object.keys(folders), quick ? 3 : 9, measure, { warm: true }) };
  },
  bars: [{ what: '`devup check` over 2,000 files', unit: 'ms', most: 1500, figure: (m) => m.median('check', 'wallMs', '2,000 files') }],
};

/** Ten files per service: five that name its port, and five that name none. */
function repository(folder, services) {
  const write = (file, text) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const ports = Array.from({ length: services }, (_, i) => [`svc${i}`, 20_000 + i]);
  for (const [name, port] of ports) {
    write(`s/${name}/package.json`, JSON.stringify({ name, scripts: { dev: `vite --port ${port} --strictPort` } }, null, 2));
    write(`s/${name}/.env`, `PORT=${port}\n${name.toUpperCase()}_URL=http://localhost:${port}\n`);
    write(`s/${name}/README.md`, `# ${name}\n\nOpen http://localhost:${port}.\n\n${'Words that say nothing of ports.\n\n'.repeat(40)}`);
    write(`s/${name}/vite.config.ts`, `export default { server: { port: ${port}, strictPort: true } };\n`);
    write(`k8s/${name}.yaml`, manifest(name, port));
    write(`docs/${name}.md`, '# Notes\n\nMore of them.\n\n'.repeat(60));
    for (let i = 0; i < 4; i++) write(`data/${name}/${i}.yaml`, `list:\n${'  - name: x\n    value: 12\n'.repeat(30)}`);
  }
  const config = { services: Object.fromEntries(ports.map(([name, port]) => [name, { command: 'npm run dev', cwd: `s/${name}`, port }])) };
  write('orchestrator.config.json', JSON.stringify(config));
  return folder;
}

function manifest(name, port) {
  return `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec:\n  containers:\n    - name: ${name}\n      ports: [{ containerPort: ${port} }]\n`;
}
