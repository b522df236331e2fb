/** `test.skipIf(lacks('nginx'))`: a component may be missing on a contributor's machine; on CI the test fails instead. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export function lacks(command: string): boolean {
  if (process.env['DEVUP_REQUIRE_ALL']) return false;
  return !(process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, command)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
