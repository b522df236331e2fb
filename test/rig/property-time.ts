/**
 * A property searches until its deadline, however few cases that allows: on a busy machine it finds less, but does not fail.
 * The first case always runs, and no case is cut off, so that nothing runs on beside the next test. fast-check's
 * `interruptAfterTimeLimit` leaves an asynchronous case running, and counts one that hangs as a success.
 */
import { type IRawProperty, PreconditionFailure } from 'fast-check';

type Run<Ts> = IRawProperty<Ts, boolean>['run'];

/** A plugin for fast-check. Times are in milliseconds, on one clock. */
export function untilDeadline(deadline: () => number, now: () => number = () => performance.now()) {
  return <Ts>() => {
    let begun = false;
    const decorateRun =
      (run: Run<Ts>): Run<Ts> =>
      (value) => {
        if (begun && now() >= deadline()) return new PreconditionFailure(true);
        begun = true;
        return run(value);
      };
    return { decorateRun };
  };
}
