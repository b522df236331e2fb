/** What the shell is told of each failure. A code without an exit code is a compile error. */
import type { FailureCode } from '../model/failure.ts';

const EXIT_CODES: { readonly [C in FailureCode]: 1 | 2 | 3 | 4 | 5 | 7 | 70 } = {
  E001: 2,
  E002: 2,
  E003: 2,
  E101: 7,
  E102: 7,
  E103: 7,
  E104: 5,
  E105: 7,
  E106: 7,
  E107: 7,
  E108: 4,
  E109: 7,
  E110: 1,
  E111: 5,
  E112: 7,
  E113: 1,
  E114: 5,
  E115: 1,
  E116: 7,
  E201: 4,
  E202: 4,
  E203: 4,
  E204: 2,
  E205: 4,
  E301: 3,
  E302: 3,
  E303: 3,
  E304: 3,
  E305: 3,
  E306: 3,
  E401: 1,
  E402: 1,
  E403: 1,
  E404: 1,
  E405: 1,
  E406: 1,
  E407: 1,
  E408: 70,
  E409: 1,
  E410: 1,
  E411: 1,
  E412: 1,
  E501: 2,
  E502: 2,
  E503: 1,
  E504: 1,
  E505: 1,
  E470: 70,
};

/** Files that disagree with the config: no failure of the command. */
export const DRIFT = 6;

export function exitCodeOf({ code }: { readonly code: FailureCode }): number {
  return EXIT_CODES[code];
}
