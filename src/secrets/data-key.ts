import { armor, Decrypter, Encrypter } from "age-encryption";

/** The data key of a file, encrypted to one recipient: an entry of `sops.age`. */
export interface WrappedKey {
  recipient: string;
  enc: string;
}

/** Encrypt a data key to each age recipient, in the order given. Throws when a recipient is malformed. */
export async function wrapDataKey(key: Uint8Array, recipients: string[]): Promise<WrappedKey[]> {
  return Promise.all(
    recipients.map(async (recipient) => {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      return { recipient, enc: armor.encode(await encrypter.encrypt(key)) };
    }),
  );
}

/** The data key by the first identity that fits any entry; undefined when none does. */
export async function unwrapDataKey(
  wrapped: WrappedKey[],
  identities: string[],
): Promise<Uint8Array | undefined> {
  if (identities.length === 0) return undefined;
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  for (const { enc } of wrapped) {
    try {
      const key = await decrypter.decrypt(armor.decode(enc));
      if (key.length === 32) return key;
    } catch {
      // Encrypted to somebody else, or damaged: another entry may do.
    }
  }
  return undefined;
}
