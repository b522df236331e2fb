/** How a session that this program runs puts things for those who ask it: as this program's own commands do. */
import type { Reporting } from '../app/session/begin.ts';
import { words } from '../render/words.ts';
import { exitCodeOfEnding } from './exit-code.ts';

export const REPORTING: Reporting = { describe: (failure) => words(failure), exitCode: exitCodeOfEnding };
