// For `node --require`: writes the built-in modules of the process to the file that MODULES names, when it ends.
process.on('exit', () => require('node:fs').writeFileSync(process.env.MODULES, process.moduleLoadList.join('\n')));
