import { describe, expect, test } from 'vitest';
import { FirstError, readsLikeError } from '../../../../src/supervisor/output/first-error.ts';

function firstErrorOf(text: string, cutAt = text.length): string | null {
  const search = new FirstError();
  for (let at = 0; at < text.length; at += cutAt) search.read('stderr', Buffer.from(text.slice(at, at + cutAt)));
  search.end();
  return search.line;
}

describe('a line that reads like an error', () => {
  test.each([
    'TypeError: x is not a function',
    'Uncaught ReferenceError: y is not defined',
    'Error [ERR_MODULE_NOT_FOUND]: Cannot find package',
    'Exception in thread "main" java.lang.IllegalStateException: closed',
    "app.rb:3:in `<main>': boom (RuntimeError)",
    '** (KeyError) key :port not found',
    '** (Mix) Could not compile dependency :jason',
    './main.go:12:5: undefined: handler',
    'vet: ./main.go:12:5: missing return',
    'Failed to compile.',
    'Could not find gem rack in locally installed gems.',
    'error[E0425]: cannot find value `x` in this scope',
    'error: could not compile `web`',
    "src/a.ts(1,2): error TS2304: Cannot find name 'x'.",
    'ERROR in ./src/index.js',
    'ERROR:root:no database',
    '[2026-11-30 22:00:00 +0000] [12] [ERROR] Worker (pid:14) exited with code 1',
    '2026/11/30 22:00:00 [emerg] 1#1: bind() to 0.0.0.0:80 failed (98: Address already in use)',
    '{"level":50,"time":1,"msg":"no"}',
    'time=1 level=error msg="no"',
    'panic: runtime error: index out of range [1]',
    "thread 'main' panicked at src/main.rs:2:5:",
    'FATAL:  password authentication failed for user "me"',
    'fatal: not a git repository',
    'npm ERR! code ELIFECYCLE',
    'npm error Missing script: "dev"',
    'listen tcp :8000: bind: address already in use',
    'sh: 1: vite: not found',
    'bash: line 1: vite: command not found',
    'Segmentation fault (core dumped)',
    'PHP Fatal error:  Uncaught Exception: x in a.php:1',
  ])('%s', (line) => expect(readsLikeError(line)).toBe(true));

  test.each([
    'ready, with 0 errors',
    'no errors found',
    'Found 0 errors. Watching for file changes.',
    'Error handling is on',
    'error: null',
    '"error": false,',
    'WARN  retrying after ECONNREFUSED',
    'npm warn deprecated error-ex@1: use another',
    'DEBUG: ENOENT ~/.config, using the defaults',
    'main.go:12: listening on :8000',
    'Could not find a config, using the defaults',
    'config could not be cached',
    'log level: ERROR',
    'GET /errors 200',
    'wrote /var/log/error.log',
    "      throw er; // Unhandled 'error' event",
    '    at Object.<anonymous> (/app/error.js:1:7)',
    'The default error page is served from /static',
  ])('not: %s', (line) => expect(readsLikeError(line)).toBe(false));
});

describe('the first error of a run', () => {
  const TRACEBACK = [
    '[2026-11-30 22:00:00 +0000] [12] [ERROR] Exception in worker process',
    'Traceback (most recent call last):',
    '  File "/app/wsgi.py", line 1, in <module>',
    '    import flask',
    "ModuleNotFoundError: No module named 'flask'",
    '',
    'During handling of the above exception, another exception occurred:',
    '',
    'Traceback (most recent call last):',
    'RuntimeError: other',
    '',
  ].join('\n');
  const NODE = ['node:events:497', '      throw er;', '      ^', '', 'Error: listen EADDRINUSE: address already in use :::8000', ''];

  test.each([1, 7, 64, 1e6])('is the last line of the first traceback, in chunks of %d', (size) => {
    expect(firstErrorOf(`Booting\n${TRACEBACK}`, size)).toBe("ModuleNotFoundError: No module named 'flask'");
  });

  test("is Node's message, and not where it was thrown", () => {
    expect(firstErrorOf(NODE.join('\r\n'))).toBe('Error: listen EADDRINUSE: address already in use :::8000');
  });

  test('has its next line if it ends in a colon', () => {
    expect(firstErrorOf("thread 'main' panicked at src/main.rs:2:5:\nno database\nnote: run with\n")).toBe(
      "thread 'main' panicked at src/main.rs:2:5: no database",
    );
  });

  test('is without colours and control characters, and of one stream', () => {
    const search = new FirstError();
    search.read('stdout', Buffer.from('\x1b[31merror:\x1b[0m bad \x1b]0;title\x07\n'));
    search.read('stderr', Buffer.from('Error: later\n'));
    search.read('stdout', Buffer.from('and more\n'));
    expect(search.line).toBe('error: bad ^[]0;title^G');
  });

  test('may be an unfinished line, and is missing if nothing reads like one', () => {
    expect(firstErrorOf('begun\nfatal: no')).toBe('fatal: no');
    expect(firstErrorOf('begun\nTraceback (most recent call last):\n  File "x"\n')).toBe('Traceback (most recent call last):');
    expect(firstErrorOf('begun\ndone\n')).toBeNull();
  });

  test('an endless line costs no memory and no time', () => {
    const search = new FirstError();
    for (let i = 0; i < 200; i++) search.read('stdout', Buffer.from('[ (A.A:Error'.repeat(5000)));
    search.end();
    expect(search.line?.length ?? 0).toBeLessThanOrEqual(400);
  });
});
