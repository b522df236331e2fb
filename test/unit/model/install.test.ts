import { describe, expect, test } from 'vitest';
import { installIn, missingPackages, wantedFor } from '../../../src/model/install.ts';

describe('the output of a service without its packages', () => {
  test.each([
    ["Error: Cannot find module 'express'", ['node']],
    ["Error [ERR_MODULE_NOT_FOUND]: Cannot find package '@acme/ui' imported from /app/a.js", ['node']],
    ["Module not found: Error: Can't resolve 'react' in '/app/src'", ['node']],
    ["ModuleNotFoundError: No module named 'flask'", ['python']],
    ['cannot load such file -- sinatra (LoadError)', ['ruby']],
    ['Could not find rails-7.1.0 in locally installed gems (Bundler::GemNotFound)', ['ruby']],
    ["PHP Fatal error:  Failed opening required '/app/vendor/autoload.php'", ['php']],
    ['main.go:4:2: no required module provides package github.com/a/b; to add it:', ['go']],
    ['main.go:4:2: missing go.sum entry for module providing package github.com/a/b', ['go']],
    ['Unchecked dependencies for environment dev:', ['elixir']],
    ['sh: 1: vite: not found', ['node', 'python', 'ruby', 'php']],
    ['bash: line 1: flask: command not found', ['node', 'python', 'ruby', 'php']],
    // A file of the project, not a package.
    ["Error: Cannot find module './db'", []],
    ["Error: Cannot find module '/app/server.js'", []],
    ["Error: Cannot find module 'C:\\app\\server.js'", []],
    ['cannot load such file -- ./lib/db (LoadError)', []],
    ['GET /users: 404 not found here', []],
    ['Error: user: not found', []],
    ['Error: no database', []],
  ])('%j', (line, languages) => {
    expect(missingPackages(['starting', line], 1)).toEqual(languages);
  });

  test('may be silent if a shell exits with 127', () => {
    expect(missingPackages([], 127)).toContain('node');
    expect(missingPackages([], 1)).toEqual([]);
  });
});

describe('the command that installs the packages of a folder', () => {
  const among =
    (...files: readonly string[]) =>
    (file: string) =>
      files.includes(file);
  const any = wantedFor('anything');

  test.each([
    ['package-lock.json', 'npm ci'],
    ['pnpm-lock.yaml', 'pnpm install'],
    ['yarn.lock', 'yarn install'],
    ['bun.lock', 'bun install'],
    ['uv.lock', 'uv sync'],
    ['poetry.lock', 'poetry install'],
    ['Pipfile.lock', 'pipenv sync'],
    ['Gemfile.lock', 'bundle install'],
    ['composer.lock', 'composer install'],
  ])('with %s is `%s`', (file, command) => {
    expect(installIn('/app', 'lock', any, among('package.json', file))).toEqual({ command, folder: '/app' });
  });

  test('is that of the language whose package is missing', () => {
    const both = among('package-lock.json', 'uv.lock', 'Cargo.lock', 'go.sum');
    const inLanguage = (language: 'python' | 'rust' | 'go' | 'ruby') =>
      installIn('/app', 'lock', { languages: [language], program: null }, both);
    expect(inLanguage('python')?.command).toBe('uv sync');
    expect(inLanguage('rust')?.command).toBe('cargo fetch');
    expect(inLanguage('go')?.command).toBe('go mod download');
    expect(inLanguage('ruby')).toBeNull();
  });

  test('is not given if its own tool is what is missing', () => {
    expect(installIn('/app', 'lock', wantedFor('pnpm'), among('pnpm-lock.yaml'))).toBeNull();
  });

  test('comes from a list of packages only if asked', () => {
    expect(installIn('/app', 'lock', any, among('package.json', 'requirements.txt'))).toBeNull();
    expect(installIn('/app', 'list', any, among('requirements.txt'))?.command).toBe('pip install -r requirements.txt');
  });
});
