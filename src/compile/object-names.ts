import type { Company } from "../model/parse.ts";

/** What an app's objects are named after: a renamed app keeps the name its objects have, so that none is made anew. */
export function objectNames({ spec }: Company): (app: string) => { name: string; declared?: string } {
  const before = new Map(spec.moved.map(({ from, to }) => [to, from]));
  return (app) => {
    const name = before.get(app);
    return name === undefined ? { name: app } : { name, declared: app };
  };
}
