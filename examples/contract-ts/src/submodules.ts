// A module that mounts another one, with the same names in both.
import { schema, t, table } from 'spacetimedb/server';
import * as ledger from './ledger';

const entries = table({ public: true }, { id: t.u64().primaryKey().autoInc(), text: t.string() });

const root = schema({ entries, ledger });
export default root;

export const note = root.reducer({ text: t.string() }, (ctx, { text }) => {
  ctx.db.entries.insert({ id: 0n, text });
});

export const countEntries = root.procedure(t.u64(), ctx => ctx.withTx(tx => tx.db.entries.count()));

export const allEntries = root.anonymousView({ public: true }, t.array(entries.rowType), ctx => [...ctx.db.entries.iter()]);
