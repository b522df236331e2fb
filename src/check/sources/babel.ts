/** A separate module, so that Babel loads only for files that need it: named exports of CommonJS survive bundling only this way. */
export { parse, parseExpression } from '@babel/parser';
