/**
 * The package's one file of types, made from the compiler's output for `src/index.ts`: only the declarations that the public
 * ones mention, without imports. So a user's editor shows exactly what is public, and this fails when a public type mentions a
 * package or `NodeJS`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** The text of `index.d.ts`; `emitted` is an empty folder to work in. */
export function rollUpTypes(root, emitted) {
  const compiler = join(root, 'node_modules', 'tsc7', 'bin', 'tsc');
  const files = [join(root, 'src', 'index.ts'), join(root, 'src', 'build.d.ts')];
  const flags = [
    '--ignoreConfig',
    ...flagsOf(root),
    '--declaration',
    '--emitDeclarationOnly',
    '--rootDir',
    join(root, 'src'),
    '--outDir',
    emitted,
  ];
  execFileSync(process.execPath, [compiler, ...flags, ...files], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });

  const modules = new Map();
  /** Every declaration that is needed, in the order in which it was found; public ones first, so that they keep their names. */
  const wanted = new Map();
  const index = moduleAt(join(emitted, 'index.d.ts'));
  const names = [...index.exported].sort();
  for (const name of names) {
    const found = declarationOf(index, name);
    if (found?.name !== name) throw new Error(`types: the public ${name} has no declaration of that name`);
    if (!wanted.has(found)) wanted.set(found, name);
  }
  for (const declaration of wanted.keys()) {
    for (const { target } of references(declaration)) if (!wanted.has(target)) wanted.set(target, freeName(target.name));
  }
  const texts = [...wanted.keys()].sort(byPlace).map((declaration) => textOf(declaration, references(declaration), wanted));
  return `${texts.join('\n')}\nexport { ${names.join(', ')} };\n`;

  function declarationOf(module, name) {
    const elsewhere = module.imports.get(name);
    return elsewhere ? declarationOf(moduleAt(elsewhere.file), elsewhere.name) : module.declarations.get(name);
  }

  /** The references in a declaration: their places in its text, and the declarations that they mean. */
  function references({ module, nodes }) {
    return nodes
      .flatMap((node) => identifiersIn(module, node))
      .flatMap((identifier) => {
        const target = declarationOf(module, identifier.text);
        return target ? [{ identifier, target }] : [];
      });
  }

  function moduleAt(file) {
    if (!modules.has(file)) modules.set(file, readModule(file));
    return modules.get(file);
  }

  /** Two modules may use one name for two things; the one that was found later gets a number. */
  function freeName(name) {
    const taken = new Set(wanted.values());
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
    return free;
  }
}

function byPlace(a, b) {
  return a.module.file < b.module.file ? -1 : a.module.file > b.module.file ? 1 : a.nodes[0].pos - b.nodes[0].pos;
}

/** The project's compiler settings, without those about files. */
function flagsOf(root) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { noEmit, paths, types, lib, ...options } = config.compilerOptions;
  return [...Object.entries(options), ['types', types.join()], ['lib', lib.join()]].flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
}

function readModule(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const module = { file, source, imports: new Map(), exported: new Set(), declarations: new Map() };
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      for (const element of statement.importClause?.namedBindings?.elements ?? [])
        importInto(module, element, statement.moduleSpecifier.text);
    } else if (ts.isExportDeclaration(statement)) {
      for (const element of statement.exportClause?.elements ?? []) {
        module.exported.add(element.name.text);
        if (statement.moduleSpecifier) importInto(module, element, statement.moduleSpecifier.text);
      }
    } else {
      const names = ts.isVariableStatement(statement)
        ? statement.declarationList.declarations.map(({ name }) => name.text)
        : [statement.name?.text];
      for (const name of names.filter(Boolean)) {
        const declaration = module.declarations.get(name) ?? { module, name, nodes: [] };
        declaration.nodes.push(statement);
        module.declarations.set(name, declaration);
        if (statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) module.exported.add(name);
      }
    }
  }
  return module;
}

/** A package's name stays as written, and is refused only when a public type mentions something of that package. */
function importInto(module, { name, propertyName }, specifier) {
  const file = specifier.startsWith('.') ? join(dirname(module.file), specifier.replace(/\.(ts|js)$/, '.d.ts')) : specifier;
  module.imports.set(name.text, { file, name: (propertyName ?? name).text });
}

/** All identifiers that may name a declaration, so no names of properties and parameters. */
function identifiersIn(module, node) {
  const found = [];
  const visit = (child) => {
    if (ts.isImportTypeNode(child)) throw new Error(`types: ${module.file} mentions ${child.getText(module.source)} in a public type`);
    if (ts.isIdentifier(child) && !namesAMember(child)) {
      const from = module.imports.get(child.text)?.file;
      if (child.text === 'NodeJS' || child.text === 'Buffer' || (from && !from.endsWith('.d.ts'))) {
        throw new Error(`types: ${module.file} mentions ${child.text} in a public type${from ? `, which comes from ${from}` : ''}`);
      }
      found.push(child);
    }
    ts.forEachChild(child, visit);
  };
  visit(node);
  return found;
}

function namesAMember(identifier) {
  const { parent } = identifier;
  const member =
    ts.isPropertySignature(parent) || ts.isMethodSignature(parent) || ts.isPropertyDeclaration(parent) || ts.isMethodDeclaration(parent);
  return (member || ts.isParameter(parent)) && parent.name === identifier;
}

/** The declaration as written, with its comment, under its names in this file. */
function textOf({ module, nodes }, references, names) {
  return nodes
    .map((node) => {
      const comments = ts.getLeadingCommentRanges(module.source.text, node.pos) ?? [];
      const comment = comments.filter(({ pos }) => module.source.text.startsWith('/**', pos)).at(-1);
      const start = node.getStart(module.source);
      let text = '';
      let at = start;
      for (const { identifier, target } of references) {
        const from = identifier.getStart(module.source);
        if (from < start || identifier.end > node.end) continue;
        text += module.source.text.slice(at, from) + names.get(target);
        at = identifier.end;
      }
      text += module.source.text.slice(at, node.end);
      const keyword = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ? '' : 'declare ';
      const prose = comment ? `${module.source.text.slice(comment.pos, comment.end)}\n` : '';
      return prose + keyword + text.replace(/^(export )?(declare )?/, '');
    })
    .join('\n');
}
