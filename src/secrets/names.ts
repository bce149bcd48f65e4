import { failure } from "../util/errors.ts";

/** A DNS-1123 label, which is also safe as a file name; throws LF1015 otherwise. */
export function checkName(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw failure("LF1015", {
    what: `${JSON.stringify(name)} is not a DNS label`,
    fix: "use lower-case letters, digits and dashes, at most 63, beginning and ending with a letter or digit",
  });
}

/** A key of a Kubernetes Secret; throws LF1003 otherwise. */
export function checkKey(key: string): string {
  if (/^[-._a-zA-Z0-9]{1,253}$/.test(key) && !/^\.{1,2}$/.test(key)) return key;
  throw failure("LF1003", {
    what: `${JSON.stringify(key)} is not a key of a Secret`,
    fix: "use letters, digits, dashes, dots and underscores",
  });
}
