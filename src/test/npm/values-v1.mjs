// The client of major version 1 with the module of all types: both ways, callbacks, procedures, tokens. Prints one line.
import { WebSocket } from 'undici';

const [uri, database] = process.argv.slice(2);
const DEADLINE_MILLIS = 60_000;
const spoken = new Set();
globalThis.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols);
    this.addEventListener('open', () => spoken.add(this.protocol));
  }
};

// The client calls procedures by it, which Node 20 lacks.
Promise.withResolvers ??= () => {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};

const {
  ConnectionId, DbConnectionBuilder, DbConnectionImpl, Identity, ScheduleAt, SubscriptionBuilderImpl, TimeDuration, Timestamp, Uuid,
  procedureSchema, procedures, reducers, reducerSchema, schema, t, table,
} = await import('spacetimedb-v1');

setTimeout(() => {
  console.log('FAILED: the scenario did not end in time');
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

function text(value) {
  return JSON.stringify(value, (_key, part) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (part instanceof Uint8Array) return `bytes ${[...part]}`;
    return part;
  });
}

const point = t.object('Point', { xPos: t.i32(), yPos: t.i32() });
const color = t.enum('Color', { red: t.unit(), green: t.unit(), blue: t.unit() });
const shape = t.enum('Shape', { nothing: t.unit(), circle: t.f64(), polygon: t.array(point) });
const types = () => ({
  aBool: t.bool(), anI8: t.i8(), aU8: t.u8(), anI16: t.i16(), aU16: t.u16(), anI32: t.i32(), aU32: t.u32(), anI64: t.i64(), aU64: t.u64(),
  anI128: t.i128(), aU128: t.u128(), anI256: t.i256(), aU256: t.u256(), anF32: t.f32(), anF64: t.f64(), aString: t.string(),
  someBytes: t.byteArray(), aUnit: t.unit(), anIdentity: t.identity(), aConnectionId: t.connectionId(), aTimestamp: t.timestamp(),
  aDuration: t.timeDuration(), aUuid: t.uuid(), aSchedule: t.scheduleAt(), anOption: t.option(t.string()), anArray: t.array(t.u64()),
  aResult: t.result(t.u32(), t.u32()), aPoint: point, aColor: color, aShape: shape, deep: t.array(t.option(shape)),
});
const samples = t.row({ id: t.u32().primaryKey(), ...types() });
const people = t.row({ id: t.u64().primaryKey(), nickName: t.string(), homeTown: t.string(), age: t.u8() });
const index = (name, column) => ({
  indexes: [{ name: `${name}_${column}_idx_btree`, algorithm: 'btree', columns: [column] }],
  constraints: [{ name: `${name}_${column}_key`, constraint: 'unique', columns: [column] }],
});
const tables = schema(
  table({ name: 'samples', ...index('samples', 'id') }, samples),
  table({ name: 'people', ...index('people', 'id') }, people),
);
const calls = reducers(
  reducerSchema('keep_sample', { id: t.u32(), ...types() }),
  reducerSchema('add_person', { nickName: t.string(), homeTown: t.string(), age: t.u8() }),
  reducerSchema('remove_person', { nickName: t.string() }),
);
const module = {
  versionInfo: { cliVersion: '1.12.0' },
  tables: tables.schemaType.tables,
  reducers: calls.reducersType.reducers,
  ...procedures(
    procedureSchema('echo_sample', { row: t.object('Samples', { id: t.u32(), ...types() }) }, t.object('Samples', { id: t.u32(), ...types() })),
    procedureSchema('fail_always', { why: t.string() }, t.unit()),
  ),
};
class Connection extends DbConnectionImpl {
  static builder = () => new DbConnectionBuilder(module, config => new Connection(config));
  subscriptionBuilder = () => new SubscriptionBuilderImpl(this);
}

const disconnected = [];
function connect(token, confirmed) {
  return new Promise((resolve, reject) => {
    const builder = Connection.builder()
      .withUri(uri)
      .withModuleName(database)
      .withToken(token)
      .onConnect((connection, identity, given) => resolve({ connection, identity: identity.toHexString(), token: given }))
      .onDisconnect(() => disconnected.push(true))
      .onConnectError((_, error) => reject(error));
    (confirmed === undefined ? builder : builder.withConfirmedReads(confirmed)).build();
  });
}
const subscribed = (connection, query) =>
  new Promise((resolve, reject) => {
    const handle = connection
      .subscriptionBuilder()
      .onApplied(() => resolve(handle))
      .onError((context, error) => reject(error ?? context?.event ?? new Error('refused')))
      .subscribe([query]);
  });

const full = {
  id: 11, aBool: true, anI8: -128, aU8: 255, anI16: -32768, aU16: 65535, anI32: -2147483648, aU32: 4294967295,
  anI64: -(2n ** 63n), aU64: 2n ** 64n - 1n, anI128: -(2n ** 127n), aU128: 2n ** 128n - 1n, anI256: -(2n ** 255n),
  aU256: 2n ** 256n - 1n, anF32: -1.5, anF64: Number.MAX_VALUE, aString: 'ä€😀\u0000', someBytes: Uint8Array.of(0, 255, 7), aUnit: {},
  anIdentity: Identity.fromString('c2'.repeat(32)), aConnectionId: new ConnectionId(2n ** 127n + 5n), aTimestamp: new Timestamp(-1n),
  aDuration: new TimeDuration(-(2n ** 62n)), aUuid: Uuid.parse('01234567-89ab-4def-8123-456789abcdef'), aSchedule: ScheduleAt.interval(5n),
  anOption: 'some', anArray: [0n, 2n ** 64n - 1n], aResult: { ok: 7 }, aPoint: { xPos: 3, yPos: -4 }, aColor: { tag: 'blue' },
  aShape: { tag: 'polygon', value: [{ xPos: -1, yPos: 2 }] }, deep: [undefined, { tag: 'circle', value: 0.5 }, { tag: 'nothing' }],
};

const { connection, identity, token } = await connect();
const updated = [];
connection.db.samples.onUpdate((_, before, after) => updated.push([before.aString, after.aString]));
await subscribed(connection, 'SELECT * FROM samples WHERE id = 11');
connection.reducers.keepSample(full);
await until(() => connection.db.samples.count() === 1 || connection.db.samples.count() === 1n, 'a sample');
const kept = connection.db.samples.id.find(11);
const echoed = await connection.procedures.echoSample({ row: full });
require(text(kept) === text(echoed), `kept ${text(kept)}\nechoed ${text(echoed)}`);
const sent = { ...full, aResult: kept.aResult, aUnit: kept.aUnit, aShape: kept.aShape, aColor: kept.aColor, deep: kept.deep };
require(text(kept) === text(sent), `kept ${text(kept)}\nsent ${text(sent)}`);
require(kept.aShape.tag === 'polygon' && text(kept.aShape.value) === text(full.aShape.value), `the shape is ${text(kept.aShape)}`);
require(kept.deep.map(shape => shape?.tag).join() === ',circle,nothing', `deep is ${text(kept.deep)}`);
require(kept.aColor.tag === 'blue', `the colour is ${text(kept.aColor)}`);
connection.reducers.keepSample({ ...full, aString: 'changed' });
await until(() => updated.length === 1, 'an update');
require(updated[0].join() === `${full.aString},changed`, `the update was ${updated[0]}`);
const failure = await connection.procedures.failAlways({ why: 'because' }).then(() => 'none', error => String(error?.message ?? error));
require(failure.includes('because'), `the failure was: ${failure}`);

for (const confirmed of [true, false]) {
  const again = await connect(token, confirmed);
  require(again.identity === identity, 'a token gives another identity');
  const seen = [];
  again.connection.db.people.onInsert((_, row) => seen.push(`+${row.nickName}`));
  again.connection.db.people.onDelete((_, row) => seen.push(`-${row.nickName}`));
  const handle = await subscribed(again.connection, "SELECT * FROM people WHERE home_town = 'Oslo'");
  connection.reducers.addPerson({ nickName: 'Eve', homeTown: 'Oslo', age: 30 });
  await until(() => seen.length === 1, 'a person in Oslo');
  connection.reducers.removePerson({ nickName: 'Eve' });
  await until(() => seen.length === 2, 'nobody in Oslo');
  require(seen.join() === '+Eve,-Eve', `the callbacks were ${seen}`);
  await new Promise(resolve => handle.unsubscribeThen(() => resolve()));
  again.connection.disconnect();
}
await until(() => disconnected.length === 2, 'two ends of connections');

connection.disconnect();
console.log(`DONE ${[...spoken]}`);
process.exit(0);
