// Behaves like a file system that keeps no permissions (a drive of Windows, a share): every mode below HOME reads 0777.
const fs = require('node:fs');

for (const name of ['statSync', 'lstatSync', 'fstatSync']) {
  const original = fs[name];
  fs[name] = (...args) => {
    const found = original(...args);
    const isOurs = name === 'fstatSync' || String(args[0]).startsWith(process.env.HOME);
    if (found && isOurs && !found.isSocket()) found.mode |= 0o777;
    return found;
  };
}
