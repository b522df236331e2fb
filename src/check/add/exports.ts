/** The value that a config file exports, found through names, `defineConfig`, type annotations and functions that only return it. */
import type { Expression, ProgramNode } from './literals.ts';

type Statement = ProgramNode['body'][number];

/** The expression in `export default …`, `module.exports = …` or `export = …`; null if there is none. */
export function findExport(program: ProgramNode): Expression | null {
  for (const statement of program.body) {
    if (statement.type === 'ExportDefaultDeclaration') return statement.declaration as Expression;
    if (statement.type === 'TSExportAssignment') return statement.expression;
    if (statement.type === 'ExpressionStatement' && isModuleExports(statement.expression)) return statement.expression.right;
  }
  return null;
}

function isModuleExports(node: Expression): node is Extract<Expression, { type: 'AssignmentExpression' }> {
  return (
    node.type === 'AssignmentExpression' &&
    node.left.type === 'MemberExpression' &&
    node.left.object.type === 'Identifier' &&
    node.left.object.name === 'module' &&
    node.left.property.type === 'Identifier' &&
    node.left.property.name === 'exports'
  );
}

/** Resolves wrappers and names until the value itself is found. */
export function resolveValue(node: Expression, program: ProgramNode | null, depth = 0): Expression | null {
  if (depth > 16) return null;
  const next = (inner: unknown) => resolveValue(inner as Expression, program, depth + 1);
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression':
      return next(node.expression);
    case 'AwaitExpression':
      return next(node.argument);
    case 'CallExpression':
      return node.callee.type === 'Identifier' && node.callee.name === 'defineConfig' && node.arguments[0] ? next(node.arguments[0]) : node;
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return node.body.type === 'BlockStatement' ? returnedValue(node.body.body, next) : next(node.body);
    case 'Identifier': {
      const declared = program?.body.flatMap((statement) => declarationsIn(statement)).find(({ name }) => name === node.name);
      return declared ? next(declared.init) : node;
    }
    default:
      return (node as { readonly type: string }).type === 'FunctionDeclaration'
        ? returnedValue((node as unknown as { readonly body: { readonly body: readonly Statement[] } }).body.body, next)
        : node;
  }
}

/** The returned value of a function that does nothing else. */
function returnedValue(body: readonly Statement[], next: (inner: unknown) => Expression | null): Expression | null {
  const [only] = body;
  return body.length === 1 && only?.type === 'ReturnStatement' && only.argument ? next(only.argument) : null;
}

function declarationsIn(statement: Statement): readonly { readonly name: string; readonly init: Expression }[] {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') return [];
  return declaration.declarations.flatMap(({ id, init }) => (id.type === 'Identifier' && init ? [{ name: id.name, init }] : []));
}
