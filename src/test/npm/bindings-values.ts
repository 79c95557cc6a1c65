// What a project does with the text that `pinion generate` has written for the module of all types: compiled strictly, then run.
import { ConnectionId, Identity, ScheduleAt, TimeDuration, Timestamp, Uuid, type Infer } from 'spacetimedb';
import { WebSocket } from 'undici';
import { DbConnection, SamplesRow, tables, type PeopleRow, type Shape, type EventContext } from './index.js';

declare const process: { argv: string[]; exit(code: number): never };
const [uri, database, protocol] = process.argv.slice(2) as [string, string, string];

// The client takes whatever WebSocket is there; this one offers what the test wants.
const spoken = new Set<string>();
class Offering extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    const all = [protocols ?? []].flat();
    super(url, protocol === 'any' ? all : all.filter(name => name === protocol));
    this.addEventListener('open', () => spoken.add(this.protocol));
  }
}
Object.assign(globalThis, { WebSocket: Offering });

setTimeout(() => {
  console.log('FAILED: the scenario did not end in time');
  process.exit(1);
}, 60_000);

function require(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Values as text, with their classes. */
function text(value: unknown): string {
  return JSON.stringify(value, (_key, part) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (typeof part === 'number' && !Number.isFinite(part)) return String(part);
    if (part instanceof Uint8Array) return `bytes ${[...part]}`;
    return part;
  });
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`never came: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

interface Connected {
  connection: DbConnection;
  identity: string;
  token: string;
}
const disconnected: string[] = [];

function connect(token?: string, confirmed?: boolean): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const builder = DbConnection.builder()
      .withUri(uri)
      .withDatabaseName(database)
      .withToken(token)
      .onConnect((connection, identity, given) => resolve({ connection, identity: identity.toHexString(), token: given }))
      .onDisconnect((_context, error) => disconnected.push(error === undefined ? 'meant' : String(error)))
      .onConnectError((_context, error) => reject(error));
    (confirmed === undefined ? builder : builder.withConfirmedReads(confirmed)).build();
  });
}

function subscribed(connection: DbConnection, query: string) {
  return new Promise<ReturnType<ReturnType<DbConnection['subscriptionBuilder']>['subscribe']>>((resolve, reject) => {
    const handle = connection
      .subscriptionBuilder()
      .onApplied(() => resolve(handle))
      .onError(context => reject(context.event))
      .subscribe([query]);
  });
}

const polygon: Shape = { tag: 'polygon', value: [{ xPos: -1, yPos: 2 }] };

const full: Infer<typeof SamplesRow> = {
  id: 1, aBool: true, anI8: -128, aU8: 255, anI16: -32768, aU16: 65535, anI32: -2147483648, aU32: 4294967295,
  anI64: -(2n ** 63n), aU64: 2n ** 64n - 1n, anI128: -(2n ** 127n), aU128: 2n ** 128n - 1n, anI256: -(2n ** 255n),
  aU256: 2n ** 256n - 1n, anF32: -1.5, anF64: Number.MAX_VALUE, aString: 'ä€😀\u0000', someBytes: Uint8Array.of(0, 255, 7), a_unit: {},
  anIdentity: Identity.fromString('c2'.repeat(32)), aConnectionId: new ConnectionId(2n ** 127n + 5n),
  aTimestamp: new Timestamp(-1n), aDuration: new TimeDuration(-(2n ** 62n)), aUuid: Uuid.parse('01234567-89ab-4def-8123-456789abcdef'),
  aSchedule: ScheduleAt.interval(5n), anOption: 'some', anArray: [0n, 2n ** 64n - 1n], a_result: { ok: 7 } as never, aPoint: { xPos: 3, yPos: -4 },
  aColor: { tag: 'blue' }, aShape: polygon, deep: [undefined, { tag: 'circle', value: 0.5 }, { tag: 'nothing' }, polygon],
};
const empty: Infer<typeof SamplesRow> = {
  ...full, id: 2, aBool: false, anI8: 0, aU8: 0, anI16: 0, aU16: 0, anI32: 0, aU32: 0, anI64: 0n, aU64: 0n, anI128: 0n, aU128: 0n,
  anI256: 0n, aU256: 0n, anF32: 0, anF64: -0, aString: '', someBytes: new Uint8Array(), aSchedule: ScheduleAt.time(9n), anOption: undefined,
  anArray: [], aColor: { tag: 'red' }, aShape: { tag: 'nothing' }, deep: [],
};

const { connection, identity, token } = await connect();
const inserted: string[] = [];
const updated: string[] = [];
const people: PeopleRow[] = [];
const alarms: string[] = [];
connection.db.samples.onInsert((_context: EventContext, row) => inserted.push(text(row)));
connection.db.samples.onUpdate((_context, before, after) => updated.push(`${before.aString} ${after.aString}`));
connection.db.people.onInsert((_context, row) => people.push(row));
connection.db.alarms.onInsert((_context, row) => alarms.push(`${row.text} ${row.loudness}`));
await new Promise<void>((resolve, reject) => {
  connection
    .subscriptionBuilder()
    .onApplied(() => resolve())
    .onError(context => reject(context.event))
    .subscribe([tables.samples, tables.people.where(row => row.homeTown.eq('Bern')), tables.alarms, tables.grownUps, tables.firstPerson]);
});

await connection.reducers.keepSample(full);
await connection.reducers.keepRow({ row: empty });
await until(() => inserted.length === 2, 'two samples');
const echoed = await connection.procedures.echoSample({ row: full });
const kept = connection.db.samples.id.find(1);
require(kept !== null, 'the sample is not found by its key');
require(text(kept) === text(echoed), `kept ${text(kept)}\nechoed ${text(echoed)}`);
const sent = { ...full, a_result: kept.a_result, aShape: kept.aShape, deep: kept.deep, aColor: kept.aColor, a_unit: kept.a_unit };
require(text(kept) === text(sent), `kept ${text(kept)}\nsent ${text(sent)}`);
require(kept.aShape.tag === 'polygon' && text(kept.aShape.value) === text(polygon.value), `the shape is ${text(kept.aShape)}`);
require(kept.deep.map(shape => shape?.tag).join() === ',circle,nothing,polygon', `deep is ${text(kept.deep)}`);
require(kept.aColor.tag === 'blue', `the colour is ${text(kept.aColor)}`);
require(Object.is(connection.db.samples.id.find(2)?.anF64, -0), 'a negative zero is another');
await connection.reducers.keepSample({ ...full, aString: 'changed' });
await until(() => updated.length === 1, 'an update');
require(updated[0] === `${full.aString} changed`, `the update was ${updated[0]}`);

await connection.reducers.addPerson({ nickName: 'Ann', homeTown: 'Bern', age: 41 });
await connection.reducers.addPerson({ nickName: 'Bo', homeTown: 'Bern', age: 4 });
await connection.reducers.addPerson({ nickName: 'Cy', homeTown: 'Rome', age: 50 });
const refusal = await connection.reducers.addPerson({ nickName: 'Di', homeTown: 'Bern', age: 200 }).then(
  () => 'none',
  error => String(error?.message ?? error),
);
require(refusal.includes('nobody is 200'), `the refusal was: ${refusal}`);
await until(() => people.length === 2, 'two people in Bern');
require(people.map(person => person.nickName).join() === 'Ann,Bo', `the people are ${text(people)}`);
require(connection.db.people.nickName.find('Bo')?.age === 4, 'Bo is not found by a unique column');
require([...connection.db.people.homeTown.filter('Bern')].length === 2, 'the people of Bern are not found by an index');
require([...connection.db.people.byTownAge.filter(['Bern', 41])].length === 1, 'Ann is not found by an index of two columns');
await until(() => connection.db.grownUps.count() === 2n, 'two grown-ups in a view');
require([...connection.db.firstPerson].map(person => person.nickName).join() === 'Ann', 'the first person is another');
require((await connection.procedures.countPeople({})) === 3n, 'the count of people is another');
const failure = await connection.procedures.failAlways({ why: 'because' }).then(
  () => 'none',
  error => String(error?.message ?? error),
);
require(failure.includes('because'), `the failure was: ${failure}`);

await connection.reducers.soundAlarm({ text: 'fire' });
await until(() => alarms.length === 1, 'an alarm');
require(alarms[0] === 'fire 11', `the alarm was ${alarms[0]}`);
require(!('secrets' in connection.db), 'a private table is there');

// The same user again, with reads that wait for the journal and with reads that do not.
for (const confirmed of [true, false]) {
  const again = await connect(token, confirmed);
  require(again.identity === identity, 'a token gives another identity');
  const sounds: string[] = [];
  again.connection.db.people.onInsert((_context, row) => sounds.push(`+${row.nickName}`));
  again.connection.db.people.onDelete((_context, row) => sounds.push(`-${row.nickName}`));
  const handle = await subscribed(again.connection, "SELECT * FROM people WHERE home_town = 'Oslo'");
  await connection.reducers.addPerson({ nickName: 'Eve', homeTown: 'Oslo', age: 30 });
  await until(() => sounds.length === 1, 'a person in Oslo');
  await connection.reducers.removePerson({ nickName: 'Eve' });
  await until(() => sounds.length === 2, 'nobody in Oslo');
  require(sounds.join() === '+Eve,-Eve', `the callbacks were ${sounds}`);
  await new Promise<void>(resolve => handle.unsubscribeThen(() => resolve()));
  require(handle.isEnded(), 'the subscription goes on');
  await connection.reducers.addPerson({ nickName: 'Eve', homeTown: 'Oslo', age: 30 });
  await again.connection.reducers.removePerson({ nickName: 'Eve' });
  require(sounds.length === 2, 'a subscription that has ended brings rows');
  again.connection.disconnect();
}
await until(() => disconnected.length === 2, 'two ends of connections');
const refused = await connect('no.valid.token').then(
  () => 'none',
  error => String(error?.message ?? error),
);
require(refused !== 'none', 'a token that is not valid connects');

connection.disconnect();
console.log(`DONE ${inserted.length} ${people.length} ${[...spoken]}`);
process.exit(0);
