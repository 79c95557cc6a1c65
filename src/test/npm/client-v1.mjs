// The client of major version 1, with what a generated binding for the chat module has.
import {
  DbConnectionBuilder,
  DbConnectionImpl,
  SubscriptionBuilderImpl,
  procedures,
  reducers,
  reducerSchema,
  schema,
  t,
  table,
} from 'spacetimedb-v1';

const notes = t.row({ id: t.u64().primaryKey(), room: t.u32(), text: t.string() });
const tables = schema(
  table(
    {
      name: 'notes',
      indexes: [{ name: 'notes_id_idx_btree', algorithm: 'btree', columns: ['id'] }],
      constraints: [{ name: 'notes_id_key', constraint: 'unique', columns: ['id'] }],
    },
    notes,
  ),
);
const calls = reducers(
  reducerSchema('say', { room: t.u32(), text: t.string() }),
  reducerSchema('clear_room', { room: t.u32() }),
);
const module = {
  versionInfo: { cliVersion: '1.12.0' },
  tables: tables.schemaType.tables,
  reducers: calls.reducersType.reducers,
  ...procedures(),
};

class Connection extends DbConnectionImpl {
  static builder = () => new DbConnectionBuilder(module, config => new Connection(config));
  subscriptionBuilder = () => new SubscriptionBuilderImpl(this);
}

export function open(uri, database, token) {
  return new Promise((resolve, reject) => {
    Connection.builder()
      .withUri(uri)
      .withModuleName(database)
      .withToken(token)
      .onConnect((connection, identity, given) => resolve(client(connection, identity.toHexString(), given)))
      .onConnectError((_, error) => reject(error))
      .build();
  });
}

// Calls of this version tell their end to listeners of the reducer, one after the other.
function client(connection, identity, token) {
  const waiting = [];
  const listen = (context, ...rest) => {
    if (context.event.callerConnectionId?.isEqual(connection.connectionId) ?? true) waiting.shift()?.(context.event.status);
  };
  connection.reducers.onSay(listen);
  connection.reducers.onClearRoom(listen);
  const called = call =>
    new Promise((resolve, reject) => {
      waiting.push(status => (status.tag === 'Failed' ? reject(new Error(status.value)) : resolve()));
      call();
    });
  return {
    identity,
    token,
    onInsert: listener => connection.db.notes.onInsert((_, note) => listener(note)),
    onDelete: listener => connection.db.notes.onDelete((_, note) => listener(note)),
    subscribe: queries =>
      new Promise((resolve, reject) => {
        connection
          .subscriptionBuilder()
          .onApplied(() => resolve())
          .onError((context, error) => reject(error ?? context?.event ?? new Error('refused')))
          .subscribe(queries);
      }),
    say: (room, text) => called(() => connection.reducers.say({ room, text })),
    clearRoom: room => called(() => connection.reducers.clearRoom({ room })),
    count: () => Number(connection.db.notes.count()),
    close: () => connection.disconnect(),
  };
}
