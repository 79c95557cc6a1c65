// Two browsers on one page: what one does the other shows. Prints one line.
import { build } from 'esbuild';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import puppeteer from 'puppeteer-core';

const [folder, node, database, chromium] = process.argv.slice(2);
const DEADLINE_MILLIS = 60_000;

await build({
  entryPoints: [`${folder}/page.tsx`],
  bundle: true,
  format: 'esm',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  outfile: `${folder}/out/page.js`,
  logLevel: 'error',
});
const script = await readFile(`${folder}/out/page.js`);
const server = createServer((request, response) => {
  const isScript = request.url === '/page.js';
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  response.end(isScript ? script : '<!doctype html><div id="root"></div><script type="module" src="/page.js"></script>');
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const address = `http://127.0.0.1:${server.address().port}/?node=${encodeURIComponent(node)}&database=${database}`;

function require(holds, what) {
  if (!holds) throw new Error(what);
}

/** Opens the page in a browser of its own and waits until it is connected. */
async function open() {
  const browser = await puppeteer.launch({
    executablePath: chromium,
    headless: true,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(DEADLINE_MILLIS);
  page.on('pageerror', error => console.log(`page: ${error}`));
  await page.goto(address);
  await page.waitForSelector('main[data-active="true"][data-ready="true"]');
  return { browser, page, identity: await page.$eval('main', main => main.dataset.identity) };
}

const shows = (page, names) =>
  page.waitForFunction(
    wanted => [...document.querySelectorAll('li')].map(item => item.textContent).sort().join() === wanted,
    {},
    names,
  );

const browsers = await Promise.all([open(), open()]);
try {
  const [first, second] = browsers;
  require(first.identity !== second.identity, 'two browsers are one user');
  await first.page.click('#ann');
  await shows(second.page, 'Ann');
  await shows(first.page, 'Ann');
  await second.page.click('#bo');
  await shows(first.page, 'Ann,Bo');
  await shows(second.page, 'Ann,Bo');
  await first.page.click('#too-old');
  await first.page.waitForFunction(() => document.querySelector('#refusal').textContent.includes('nobody is 200'));
  await second.page.click('#remove-ann');
  await shows(first.page, 'Bo');
  await shows(second.page, 'Bo');
  await second.page.reload();
  await second.page.waitForSelector('main[data-active="true"][data-ready="true"]');
  await shows(second.page, 'Bo');
  console.log('DONE two browsers');
} finally {
  await Promise.all(browsers.map(({ browser }) => browser.close()));
  server.close();
}
process.exit(0);
