// The client of major version 2, with what a generated binding for the chat module has.
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
} from 'spacetimedb/sdk';

const notes = t.row('notes', { id: t.u64().primaryKey(), room: t.u32(), text: t.string() });
const tables = schema({
  notes: table(
    {
      name: 'notes',
      indexes: [{ accessor: 'id', name: 'notes_id_idx_btree', algorithm: 'btree', columns: ['id'] }],
      constraints: [{ name: 'notes_id_key', constraint: 'unique', columns: ['id'] }],
    },
    notes,
  ),
});
const calls = reducers(
  reducerSchema('say', { room: t.u32(), text: t.string() }),
  reducerSchema('clear_room', { room: t.u32() }),
);
const module = {
  versionInfo: { cliVersion: '2.10.1' },
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
      .withDatabaseName(database)
      .withToken(token)
      .onConnect((connection, identity, given) => resolve(client(connection, identity.toHexString(), given)))
      .onConnectError((_, error) => reject(error))
      .build();
  });
}

function client(connection, identity, token) {
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
    say: (room, text) => connection.reducers.say({ room, text }),
    clearRoom: room => connection.reducers.clearRoom({ room }),
    count: () => Number(connection.db.notes.count()),
    close: () => connection.disconnect(),
  };
}
