// A page that stays open while its database moves: it says something all the time and sees each of it once, in order, over
// the one connection that it has. Ends when a line comes on its input; prints one line of JSON.
import { WebSocket } from 'undici';

const [uri, database] = process.argv.slice(2);
const DEADLINE_MILLIS = 90_000;

let opened = 0;
let closed = 0;
globalThis.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols);
    this.addEventListener('open', () => opened++);
    this.addEventListener('close', () => closed++);
  }
};

const { open } = await import('./client-v2.mjs');

setTimeout(() => {
  console.log(JSON.stringify({ failure: 'it did not end in time', opened, closed }));
  process.exit(1);
}, DEADLINE_MILLIS).unref();

let isOver = false;
process.stdin.once('data', () => (isOver = true));

const room = Math.floor(Math.random() * 1_000_000) + 1_000_000;
const client = await open(uri, database, undefined);
const seen = [];
client.onInsert(note => seen.push(note.text));
await client.subscribe([`SELECT * FROM notes WHERE room = ${room}`]);

const said = [];
while (!isOver) {
  const texts = Array.from({ length: 5 }, (_, i) => `note ${said.length + i}`);
  said.push(...texts);
  await Promise.all(texts.map(text => client.say(room, text)));
  await new Promise(resolve => setTimeout(resolve, 5));
}
if (JSON.stringify(seen) !== JSON.stringify(said)) throw new Error(`said ${said.length}, saw ${JSON.stringify(seen)}`);
if (client.count() !== said.length) throw new Error(`it keeps ${client.count()} rows of ${said.length}`);
console.log(JSON.stringify({ opened, closed, enough: said.length > 50 }));
process.exit(0);
