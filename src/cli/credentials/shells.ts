// The forms in which `export` and `serve` print variables.

export const shells = ['bash', 'zsh', 'fish', 'pwsh', 'cmd', 'env', 'json'] as const;
export type Shell = (typeof shells)[number];
