// What lies on the phone's disk is sealed: AES-GCM with a key that the browser
// keeps and hands out to nobody. A copy of the disk holds no word.

/** Something sealed. */
export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

/** Makes a key that can be used here and never be read. */
export const newKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

/** Seals and opens with one key. */
export class Vault {
  constructor(private readonly key: CryptoKey) {}

  async seal(bytes: Uint8Array<ArrayBuffer>): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.key, bytes) };
  }

  /** Breaks where it was sealed with another key, or changed. */
  async open({ iv, data }: Sealed): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.key, data));
  }

  sealJson = (value: unknown): Promise<Sealed> => this.seal(new TextEncoder().encode(JSON.stringify(value)));

  openJson = async <T>(sealed: Sealed): Promise<T> => JSON.parse(new TextDecoder().decode(await this.open(sealed))) as T;
}
