/** Put in by the bundler (`scripts/build.mjs`), and by vitest for unit tests. */
declare const __DEVUP_VERSION__: string;
/** True only in the build that tests use to make devup fail on purpose; the published bundle drops such code. */
declare const __DEVUP_TEST_BUILD__: boolean;
/** Tells one build from another: a hash of the bundles. Of the stub alone. */
declare const __DEVUP_BUILD__: string;
/** First words of command lines, each with the bundle that runs it; the others are run by `rest`. Of the stub alone. */
declare const __DEVUP_BUNDLES__: readonly (readonly [word: string, bundle: 'short' | 'session'])[];
