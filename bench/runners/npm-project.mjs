import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package.json with these scripts, for the runners that start npm scripts. */
export function writeProject(folder, fields) {
  const manifest = { name: 'bench', version: '1.0.0', private: true, packageManager: 'npm@11.0.0', ...fields };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
}
