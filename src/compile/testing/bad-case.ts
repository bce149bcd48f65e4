/** Bad declarations: each has exactly one thing wrong, and says what a user must be told about it. */
export interface BadCase {
  name: string;
  code: string;
  what: string | RegExp;
  /** In the problem's reason or fix. */
  fix: string | RegExp;
  /** Text of the line the problem points at; it begins at the column. */
  at: string;
  /** The same in TypeScript, where it differs. */
  atTs?: string;
  /** Apps, and what is added to the root. */
  yaml?: [apps: string, root?: string];
  ts?: [body: string, root?: string];
  /** Parts of another registry are what is wrong. */
  files?: Record<string, string>;
}
