/** Turns facts into prose, with `words/`: what happened, why, and what to type next. */
import type { Failure, FailureCode, FailureOf } from '../model/failure.ts';
import { harmless } from '../model/harmless.ts';
import { maskSecrets } from '../model/secrets.ts';
import { painter } from './style.ts';
import * as configs from './words/configs.ts';
import * as edits from './words/edits.ts';
import * as ports from './words/ports.ts';
import * as services from './words/services.ts';
import * as sessions from './words/sessions.ts';
import { NO_VIEWER, type Viewer, type Words } from './words/viewer.ts';

type Wording = { readonly [C in FailureCode]: (failure: FailureOf<C>, viewer: Viewer) => Words };

const WORDING: Wording = {
  E001: (f) => ({
    what: harmless(f.message),
    why: null,
    fix:
      f.suggestion === null ? `devup ${f.command === undefined ? '' : `${f.command} `}--help` : `did you mean ${harmless(f.suggestion)}?`,
  }),
  E002: (f) => ({
    what: `there is no service ${harmless(f.name)}`,
    why: f.known.length === 0 ? 'the config declares none' : `the config declares ${f.known.map(harmless).join(', ')}`,
    fix: f.suggestion === null ? 'devup status' : `did you mean ${harmless(f.suggestion)}?`,
  }),
  E003: (f) => ({ what: harmless(f.what), why: 'there is no terminal to ask in', fix: `answer with ${f.flag}` }),
  E101: services.serviceExited,
  E102: services.commandNotFound,
  E103: services.cwdMissing,
  E104: services.notReady,
  E105: services.spawnFailed,
  E106: services.dependencyFailed,
  E107: services.portLost,
  E108: services.portForeign,
  E109: services.healthFailed,
  E110: services.survivors,
  E111: services.externalNotReady,
  E112: (f, viewer) => services.restartsExhausted(f, words(f.last, viewer)),
  E113: services.stopCommandFailed,
  E114: (f, viewer) =>
    services.startTimeout(
      f,
      f.problems.map((problem) => words(problem, viewer)),
    ),
  E115: services.startCancelled,
  E116: (f) => ({
    what: `${f.service}, which runs outside devup, is gone`,
    why: 'the adopted process no longer holds its port',
    fix: `devup restart ${f.service}`,
  }),
  E117: services.portStuck,
  E118: services.beingDebugged,
  E201: ports.portsHeld,
  E202: ports.portStillHeld,
  E203: ports.reuseFailed,
  E204: ports.badPort,
  E205: ports.killRefused,
  E301: configs.configNotFound,
  E302: configs.configBroken,
  E303: configs.configHangs,
  E304: configs.configExits,
  E305: configs.configInvalid,
  E306: configs.configThrewLater,
  E307: configs.configOfOtherUser,
  E308: configs.configUnknown,
  E401: sessions.noSession,
  E402: sessions.sessionNotAnswering,
  E403: sessions.sessionOfOtherUser,
  E404: sessions.versionMismatch,
  E405: sessions.socketPathTooLong,
  E406: sessions.folderNotWritable,
  E407: sessions.folderUnsafe,
  E408: sessions.launchFailed,
  E409: sessions.sessionElsewhereWords,
  E410: sessions.sessionLost,
  E411: sessions.protocol,
  E412: sessions.sessionEnding,
  E413: sessions.sessionRunning,
  E501: edits.serviceExists,
  E502: edits.portNotGiven,
  E503: (f) => edits.notEditable(f, words),
  E504: edits.notWritten,
  E505: edits.wouldDisagree,
  E470: sessions.bug,
};

/** All codes, for docs/errors.md. */
export const FAILURE_CODES = Object.keys(WORDING) as readonly FailureCode[];

export function words(failure: Failure, viewer: Viewer = NO_VIEWER): Words & { readonly code: FailureCode } {
  // Each code's entry takes that code's failure, which TypeScript cannot infer from the lookup.
  const wording = WORDING[failure.code] as (failure: Failure, viewer: Viewer) => Words;
  const { what, why, fix, details } = wording(failure, viewer);
  const shown = (text: string) => maskSecrets(text, viewer.secrets);
  return {
    code: failure.code,
    what: shown(what),
    why: why === null ? null : shown(why),
    fix: fix === null ? null : shown(fix),
    ...(details ? { details: details.map(shown) } : {}),
  };
}

/** The lines `error E104: …`, `why  …`, details and `fix  …`; with `stack`, also the stack of a config that threw. */
export function formatFailure(
  failure: Failure,
  o: { readonly viewer?: Viewer; readonly colour: boolean; readonly stack?: boolean },
): string {
  const { code, what, why, fix, details } = words(failure, o.viewer);
  const paint = painter(o.colour);
  const lines = [`${paint('red', `error ${code}:`)} ${what}`];
  if (why !== null) lines.push(`${paint('dim', 'why')}  ${why}`);
  for (const detail of details ?? []) lines.push(`     ${detail}`);
  if (fix !== null) lines.push(`${paint('dim', 'fix')}  ${fix}`);
  if (o.stack && (failure.code === 'E302' || failure.code === 'E306') && failure.stack !== null)
    lines.push(...failure.stack.split('\n').map((line) => maskSecrets(harmless(line), o.viewer?.secrets)));
  return `${lines.join('\n')}\n`;
}
