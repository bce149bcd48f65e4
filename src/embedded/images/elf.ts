import { closeSync, openSync, readSync } from "node:fs";

/** What a file is to the kernel: a static or dynamic ELF program, or something else. */
export function elfKind(file: string): "static" | "dynamic" | undefined {
  const fd = openSync(file, "r");
  try {
    const head = Buffer.alloc(64);
    if (readSync(fd, head, 0, 64, 0) < 64 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
    const offset = Number(head.readBigUInt64LE(32));
    const size = head.readUInt16LE(54);
    const table = Buffer.alloc(size * head.readUInt16LE(56));
    readSync(fd, table, 0, table.length, offset);
    for (let at = 0; at < table.length; at += size) {
      // PT_INTERP names the dynamic loader; a static program has none.
      if (table.readUInt32LE(at) === 3) return "dynamic";
    }
    return "static";
  } finally {
    closeSync(fd);
  }
}
