// Types of unpack-debian.mjs, which has to run before anything is compiled.

export declare function unpackDebian(wish: {
  packages: string[];
  folder: string;
  isUsable: () => boolean;
  /** Of apt-get. */
  options?: string[];
}): boolean;
