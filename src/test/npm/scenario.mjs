// What every version of the client does against the chat module. Prints one line of JSON.
import { WebSocket } from 'undici';

const [version, protocol, uri, database] = process.argv.slice(2);
const OFFERED = protocol === 'any' ? null : protocol;
const DEADLINE_MILLIS = 60_000;

// The client takes whatever WebSocket is there; this one offers what the test wants.
globalThis.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    const all = Array.isArray(protocols) ? protocols : [protocols];
    super(url, OFFERED === null ? all : all.filter(name => name === OFFERED));
    this.addEventListener('open', () => spoken.add(this.protocol));
  }
};
const spoken = new Set();

const { open } = await import(`./client-${version}.mjs`);

setTimeout(() => {
  console.log(JSON.stringify({ failure: 'the scenario did not end in time', spoken: [...spoken] }));
  process.exit(1);
}, DEADLINE_MILLIS).unref();

function require(holds, what) {
  if (!holds) throw new Error(what);
}

async function until(holds, what) {
  const end = Date.now() + DEADLINE_MILLIS / 2;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`never came: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

const room = Math.floor(Math.random() * 1_000_000) + 1_000_000;
const query = `SELECT * FROM notes WHERE room = ${room}`;

const writer = await open(uri, database, undefined);
const reader = await open(uri, database, undefined);
require(writer.identity !== reader.identity, 'two newcomers have one identity');

const seen = [];
const own = [];
reader.onInsert(note => seen.push(note.text));
writer.onInsert(note => own.push(note.text));
await reader.subscribe([query]);
await writer.subscribe([query]);

const texts = Array.from({ length: 50 }, (_, i) => `note ${i}`);
await Promise.all(texts.map(text => writer.say(room, text)));
await until(() => seen.length >= texts.length, 'all notes at the reader');
await until(() => own.length >= texts.length, 'all notes at the writer');
require(JSON.stringify(seen) === JSON.stringify(texts), `the reader saw ${JSON.stringify(seen)}`);
require(JSON.stringify(own) === JSON.stringify(texts), `the writer saw ${JSON.stringify(own)}`);
require(reader.count() === texts.length, `the reader keeps ${reader.count()} rows`);

const refusal = await writer.say(room, '').then(() => 'none', error => String(error?.message ?? error));
require(refusal.includes('say something'), `the refusal was: ${refusal}`);

const wrong = await reader.subscribe(['SELECT * FROM nothing']).then(() => 'none', error => String(error?.message ?? error));
require(wrong !== 'none', 'a wrong query was subscribed to');

const late = await open(uri, database, reader.token);
require(late.identity === reader.identity, 'a token gives another identity');
const initial = [];
late.onInsert(note => initial.push(note.text));
await late.subscribe([query]);
require(late.count() === texts.length, `the initial rows are ${late.count()}`);

const gone = [];
late.onDelete(note => gone.push(note.text));
await writer.clearRoom(room);
await until(() => gone.length >= texts.length, 'all deletes');
require(late.count() === 0, `${late.count()} rows are left`);

for (const client of [writer, reader, late]) client.close();
console.log(JSON.stringify({ spoken: [...spoken], seen: seen.length }));
process.exit(0);
