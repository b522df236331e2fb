/**
 * The exit code for each failure and each end of a session: commands exit with it, and the last event of a session carries it. A
 * failure without one is a compile error.
 */
import type { Ending, EndSignal } from './ending.ts';
import type { FailureCode } from './failure.ts';

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
  E117: 7,
  E118: 1,
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
  E307: 3,
  E308: 3,
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
  E413: 1,
  E501: 2,
  E502: 2,
  E503: 1,
  E504: 1,
  E505: 1,
  E470: 70,
};

/** The shell's convention: 128 plus the number of the signal. */
const SIGNAL_EXIT_CODES: Readonly<Record<EndSignal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 };
export const SERVICE_FAILED = 7;

export function exitCodeOfSignal(signal: EndSignal): number {
  return SIGNAL_EXIT_CODES[signal];
}

/** 0 if and only if the session ended well. */
export function exitCodeOfEnding(ending: Ending): number {
  switch (ending.why) {
    case 'order':
    case 'services-over':
    case 'output-closed':
      return 0;
    case 'signal':
      return exitCodeOfSignal(ending.signal);
    // A closed terminal sends SIGHUP.
    case 'terminal-closed':
      return exitCodeOfSignal('SIGHUP');
    case 'service-failed':
      return SERVICE_FAILED;
    case 'failure':
      return exitCodeOf(ending.failure);
    default:
      return ending satisfies never;
  }
}

export function exitCodeOf({ code }: { readonly code: FailureCode }): number {
  return EXIT_CODES[code];
}
