/** One thing about this machine that an embedded cluster depends on. */
export interface Check {
  id: string;
  title: string;
  state: "ok" | "warn" | "fail";
  /** What was found, for people. */
  found: string;
  fix?: string;
}
