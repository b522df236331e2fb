/** `devup logs`: prints the logs of services; `-f` follows them. */
import { type LogsQuery, loggedServices, newOutput, readHistory } from '../../app/logs.ts';
import { connectTarget, declaredName, findTarget } from '../../app/target.ts';
import { FailureError } from '../../control/remote-session.ts';
import { isErrno } from '../../model/errno.ts';
import type { Event } from '../../model/event.ts';
import type { LogLine } from '../../model/log-line.ts';
import { ProgressLines } from '../../render/lines.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag, patternFlag, sinceFlag, textFlag } from '../parse/values.ts';
import { finish } from '../screen/finish.ts';
import { type LogView, logView } from '../screen/log-view.ts';
import { type Screen, screen } from '../screen/screen.ts';

export async function logs(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const names = await loggedServices(parsed.words, target.value, context);
  if (!names.ok) return finish(shown, names.failure);
  const lines = textFlag(parsed, 'lines');
  const query: LogsQuery = {
    lines: lines === null ? null : Number(lines),
    sinceMs: sinceFlag(parsed, 'since', context.machine.clock.wallTime()),
    grep: patternFlag(parsed, 'grep'),
  };
  // The log files can be read even if the session is of another version or does not answer.
  const session = await connectTarget(target.value, context);
  const live = session.ok ? session.value : null;
  const follow = parsed.flags['follow'] === true;
  const view = logView({
    names: names.value,
    prefix: parsed.flags['no-prefix'] !== true,
    grep: query.grep,
    follow: follow && live !== null,
    shown,
    context,
  });
  try {
    const events = follow && live ? live.events({ signal: shown.out.closed }) : null;
    const source = { target: target.value, live, show: (line: LogLine) => view.line(line), unwanted: shown.out.closed };
    const ends = await readHistory(names.value, query, events !== null, source);
    if (events) await showLive(newOutput(events, new Set(names.value), ends), view, shown);
    await view.end();
    if (follow && !live && !shown.out.closed.aborted)
      void shown.err.write(`${await declaredName(target.value, context)} is not running: there is nothing to follow\n`);
    return await finish(shown, null);
  } catch (error) {
    if (error instanceof FailureError) return finish(shown, error.failure);
    if (!isErrno(error, 'EACCES', 'EPERM', 'ELOOP')) throw error;
    void shown.err.write(`${error.path ?? 'a log'} cannot be read (${error.code})\n`);
    return finish(shown, null, 1);
  } finally {
    live?.close();
  }
}

async function showLive(events: AsyncIterable<Event>, view: LogView, shown: Screen): Promise<void> {
  const notices = new ProgressLines({ services: [], colour: shown.errColour, viewer: shown.viewer });
  for await (const event of events) {
    if (event.type === 'output') await view.chunk(event);
    else view.say(notices.line(event));
  }
}
