// Types of licences.mjs, which runs without a compiler.
export declare function isAllowed(expression: string): boolean;
export declare function findForbidden(lock: {
  packages: Record<string, { version?: string; license?: string; dev?: boolean }>;
}): string[];
