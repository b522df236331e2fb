/** Constants defined by the bundler (`scripts/build.mjs`), and by vitest for unit tests. */
declare const __DEVUP_VERSION__: string;
/** True only in the build in which tests make devup fail on purpose; the published bundles drop such code. */
declare const __DEVUP_TEST_BUILD__: boolean;
/** Hash of the bundles, which identifies the build. Defined only in the stub. */
declare const __DEVUP_BUILD__: string;
/** First words of command lines, each with the bundle that runs it; `rest` runs the others. Defined only in the stub. */
declare const __DEVUP_BUNDLES__: readonly (readonly [word: string, bundle: 'short' | 'session'])[];
