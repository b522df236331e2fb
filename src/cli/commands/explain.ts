/** `devup explain [code]`: explains a code of a failure or of drift. Needs no config and no network. */
import { MEANINGS } from '../../check/words.ts';
import type { DriftCode } from '../../model/drift.ts';
import { exitCodeOf } from '../../model/exit-code.ts';
import type { FailureCode } from '../../model/failure.ts';
import { suggest } from '../../model/suggest.ts';
import { DRIFT_EXPLAINED, DRIFT_WARNINGS } from '../../render/explain/drift.ts';
import { FAILURES_EXPLAINED } from '../../render/explain/failures.ts';
import { type Explained, explanation, explanations, plain } from '../../render/explain.ts';
import { FAILURE_CODES } from '../../render/words.ts';
import type { Context, Parsed } from '../context.ts';
import { DRIFT } from '../exit-code.ts';
import { finish, printJson } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

const DRIFT_CODES = Object.keys(MEANINGS) as readonly DriftCode[];

export async function explain(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const all = [...FAILURE_CODES.map(ofFailure), ...DRIFT_CODES.map(ofDrift)];
  const [word] = parsed.words;
  if (word === undefined) {
    if (shown.json) return printJson(shown, { codes: all.map(asJson) });
    await shown.out.write(explanations(all));
    return finish(shown, null);
  }
  const code = word.toUpperCase();
  const found = all.find((one) => one.code === code);
  if (!found) {
    const meant = suggest(code, [...FAILURE_CODES, ...DRIFT_CODES]);
    const suggestion = meant === null ? null : `devup explain ${meant}`;
    return finish(shown, { code: 'E001', kind: 'usage', message: `there is no code ${word}`, suggestion, command: 'explain' });
  }
  if (shown.json) return printJson(shown, asJson(found));
  await shown.out.write(explanation(found, shown.outColour));
  return finish(shown, null);
}

function ofFailure(code: FailureCode): Explained {
  return { code, exitCode: exitCodeOf({ code }), meaning: null, text: FAILURES_EXPLAINED[code] };
}

function ofDrift(code: DriftCode): Explained {
  return { code, exitCode: DRIFT_WARNINGS.includes(code) ? 0 : DRIFT, meaning: MEANINGS[code], text: DRIFT_EXPLAINED[code] };
}

function asJson({ code, exitCode, meaning, text }: Explained) {
  return { code, exitCode, text: plain(meaning === null ? text : `${meaning}. ${text}`) };
}
