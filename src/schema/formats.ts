import type { Format } from "ajv";

const int32 = 2 ** 31;

/** A string format of Kubernetes, as a test. */
const text = (validate: RegExp | ((value: string) => boolean)): Format => ({ type: "string", validate });

/**
 * The formats that the API server checks in CRDs and its own kinds. Unknown formats are ignored there and here.
 * `int64` is not checked: a JavaScript number beyond 2^53 is already not what was written.
 */
export const formats: Record<string, Format> = {
  int32: { type: "number", validate: (n: number) => Number.isInteger(n) && n >= -int32 && n < int32 },
  byte: text(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  "date-time": text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i),
  date: text(/^\d{4}-\d\d-\d\d$/),
  duration: text(/^[+-]?(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$|^0$/),
  ipv4: text(/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/),
  ipv6: text((value) => value.includes(":") && URL.canParse(`http://[${value}]/`)),
  uri: text((value) => URL.canParse(value)),
};
