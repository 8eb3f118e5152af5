// `npx tsx examples/corporate-portal/server.ts`: the sample company's intranet, beside a running demo.
import { createIntranet } from './intranet.ts';

const port = Number(process.env['INTRANET_PORT'] ?? 8090);
const brokerUrl = process.env['ROLEGATE_URL'] ?? 'http://127.0.0.1:8080';

const server = createIntranet({ brokerUrl }).listen(port, '127.0.0.1', (error) => {
  if (error) {
    console.error(`The intranet could not start: ${error.message}`);
    process.exit(1);
  }
  console.log(`intranet listening http://127.0.0.1:${port}, with links to ${brokerUrl}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close());
