/** Words the failures of a session in this process as the commands do. */
import type { Reporting } from '../app/session/begin.ts';
import { words } from '../render/words.ts';
import { exitCodeOfEnding } from './exit-code.ts';

export const REPORTING: Reporting = { describe: (failure) => words(failure), exitCode: exitCodeOfEnding };
