import type { Problem } from "../util/errors.ts";
import { readIfThere, writeFileAtomic } from "../util/files.ts";
import { secretFiles } from "./files.ts";
import { readIdentities } from "./keys.ts";
import { damageOf } from "./list.ts";
import { checkRecipient, requireRecipients, writeRecipients } from "./recipients.ts";
import { rewrapDocument } from "./sops.ts";

/**
 * Let one more age key read all secrets: every file's data key is encrypted to it as well; values stay as they are.
 * May be repeated after an interruption. Throws LF7002 before anything is written; damaged files are reported.
 */
export async function addRecipient(
  dir: string,
  recipient: string,
): Promise<{ rewrapped: string[]; problems: Problem[] }> {
  checkRecipient(recipient);
  const recipients = [...new Set([...requireRecipients(dir), recipient])];
  const identities = readIdentities();
  const problems: Problem[] = [];
  const changed: { file: string; text: string }[] = [];
  for (const { file } of secretFiles(dir)) {
    const text = readIfThere(file) ?? "";
    try {
      const wrapped = await rewrapDocument(text, identities, recipients, file);
      if (wrapped !== text) changed.push({ file, text: wrapped });
    } catch (error) {
      problems.push(...damageOf(error));
    }
  }
  writeRecipients(dir, recipients);
  for (const { file, text } of changed) writeFileAtomic(file, text);
  return { rewrapped: changed.map(({ file }) => file), problems };
}
