/** Of its own, so that it is loaded only for a file that needs it: named exports of CommonJS survive bundling only here. */
export { parse, parseExpression } from '@babel/parser';
