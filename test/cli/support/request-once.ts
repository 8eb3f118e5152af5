// Sends one request in a process with another environment, and writes what came of it. The argument is the address.
import { sendRequest } from '../../../src/cli/machine/http.ts';
import { createMachine } from './machine.ts';

const machine = createMachine({ env: { HTTPS_PROXY: process.env['HTTPS_PROXY'] } });
await sendRequest(machine.context, { method: 'GET', url: process.argv[2] ?? '' }).then(
  ({ status }) => process.stdout.write(`answered ${status}`),
  (error: Error) => process.stdout.write(error.message),
);
machine.remove();
