// A machine on which `rolegate login` has been run, at the sample company.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { signIn } from '../../test/app/support/sign-in.ts';
import { decodeEntities } from '../../test/support/http-browser/html-forms.ts';
import { createHttpBrowser } from '../../test/support/http-browser/http-browser.ts';

/** @throws Error if the command fails */
export async function logIn(script: string, home: string, brokerUrl: string): Promise<void> {
  const child = spawn(process.execPath, [script, 'login', '--no-browser'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: home, ROLEGATE_URL: brokerUrl },
  });
  let said = '';
  const address = new Promise<URL>((resolve) => {
    child.stderr.on('data', (chunk) => {
      said += chunk;
      const [found] = /http:\S+\/oauth\/authorize\?\S+(?=\s)/.exec(said) ?? [];
      if (found !== undefined) resolve(new URL(found));
    });
  });
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`rolegate login ended with ${code}: ${said}`);
  });
  const browser = createHttpBrowser();
  try {
    const { origin, pathname, search } = await Promise.race([address, ended.then(() => address)]);
    const asked = await signIn(browser, origin, 'alice', pathname + search);
    const isDecision = ({ action }: { action: string }) => action.includes('/oauth/confirm/');
    const decided = await browser.submit(asked, isDecision, { decision: 'allow' });
    const [, href = ''] = /<a class="button" href="([^"]+)"/.exec(decided.body) ?? [];
    await browser.follow(decided, decodeEntities(href));
    await ended;
  } finally {
    browser.close();
    child.kill();
  }
}
