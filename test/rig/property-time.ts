/**
 * A property searches until its deadline, however few cases that are: on a busy machine it finds less, but does not fail.
 * The first case always runs, and no case is cut off, so that nothing of it runs beside the next test. fast-check's own
 * `interruptAfterTimeLimit` leaves an asynchronous case running, and takes one that hangs for a success.
 */
import { type IRawProperty, PreconditionFailure } from 'fast-check';

type Run<Ts> = IRawProperty<Ts, boolean>['run'];

/** A plugin of fast-check. Times are in milliseconds, on one clock. */
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
