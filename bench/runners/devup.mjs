import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the foreground, with a cached TypeScript config, as on every start but the first. */
export const devup = {
  name: 'devup',
  prepare: ({ rig, folder, stack }) => {
    writeDevupConfig(folder, stack);
    rig.succeeding(rig.devup('status'), { cwd: folder, codes: [0, 1] });
    return rig.devup('start');
  },
};

/** The config of a stack of `{ name, port?, argv, ready? }`, chained or independent. */
export function writeDevupConfig(folder, { services, chained }) {
  const entries = services.map(({ name, port, argv, ready }) => {
    const fields = { ...(port && { port }), command: argv, ...(ready && { ready }), ...(!chained && { dependsOn: [] }) };
    return `    ${name}: ${JSON.stringify(fields)},\n`;
  });
  const text = `import { defineConfig } from 'devup';\nexport default defineConfig({\n  name: 'bench',\n  services: {\n${entries.join('')}  },\n});\n`;
  writeFileSync(join(folder, 'orchestrator.config.ts'), text);
}
