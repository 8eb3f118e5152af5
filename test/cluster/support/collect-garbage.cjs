// Loaded into each process of a cluster: SIGUSR2 collects its garbage, so that what remains can be measured at once.
process.on('SIGUSR2', () => globalThis.gc());
