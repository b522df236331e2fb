/**
 * vitest's reporter of `npm test`: passed tests, failed tests, and failures outside a test, as JSON in the file
 * DEVUP_TEST_REPORT.
 */
import { writeFileSync } from 'node:fs';

export const REPORT_VARIABLE = 'DEVUP_TEST_REPORT';

export default class {
  onTestRunEnd(modules, unhandledErrors) {
    writeFileSync(process.env[REPORT_VARIABLE], JSON.stringify(reportOf(modules, unhandledErrors)));
  }
}

/**
 * `failures` are of tests that can be run again by file and name. `outside` is everything else that fails a run: a file that
 * does not load, a hook of a whole file or group, an error outside all tests.
 */
export function reportOf(modules, unhandledErrors) {
  const report = { passed: 0, skipped: [], failures: [], outside: [] };
  for (const module of modules) {
    for (const part of [module, ...module.children.allSuites()]) {
      const errors = part.errors();
      if (errors.length > 0) report.outside.push(`${part === module ? module.moduleId : part.fullName}\n${textOf(errors)}`);
    }
    for (const test of module.children.allTests()) {
      const name = nameOf(test);
      const { state, errors } = test.result();
      if (state === 'passed') report.passed++;
      else if (state === 'failed') report.failures.push({ file: module.moduleId, name, message: textOf(errors) });
      else if (state === 'skipped') report.skipped.push(name);
      else report.outside.push(`${name}\nhas not ended`);
    }
  }
  if (unhandledErrors.length > 0) report.outside.push(`outside of any test\n${textOf(unhandledErrors)}`);
  return report;
}

/** The name as vitest's `--testNamePattern` sees it. */
function nameOf(test) {
  const names = [];
  for (let part = test; part.type !== 'module'; part = part.parent) names.unshift(part.name);
  return names.join(' ');
}

function textOf(errors) {
  const stacks = errors.map(({ stack, message }) => stack || message);
  return stacks.join('\n').replace(/\n {4}at [^\n]*(node_modules|<anonymous>)[^\n]*/g, '');
}
