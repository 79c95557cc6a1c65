// What later releases of the npm SDK of version 1 have besides: views and procedures.
import { t } from 'spacetimedb/server';
import * as sys from 'spacetime:sys@1.0';
import * as sys2 from 'spacetime:sys@1.2';
import { contract, hex, item, items, say } from './v1';

contract.anonymousView({ name: 'all_items', public: true }, t.array(items.rowType), ctx => [...ctx.db.items.iter()]);
contract.anonymousView(
  { name: 'first_item', public: true },
  t.option(items.rowType),
  ctx => ctx.db.items.id.find(1n) ?? undefined
);
contract.view({ name: 'my_items', public: true }, t.array(items.rowType), ctx =>
  [...ctx.db.items.iter()].filter(row => row.kind === Number(ctx.sender.__identity__ & 0xffffffffn))
);

contract.procedure('add', { a: t.u32(), b: t.u32() }, t.u64(), (ctx, { a, b }) => {
  console.log(`procedure ${hex(ctx.sender)} ${hex(ctx.connectionId)} ${ctx.timestamp.microsSinceUnixEpoch}`);
  return BigInt(a) + BigInt(b);
});
contract.procedure('two_transactions', { name: t.string() }, t.u64(), (ctx, { name }) => {
  ctx.withTx(tx => {
    tx.db.items.insert(item(name));
    console.log(`inside ${tx.timestamp.microsSinceUnixEpoch}`);
  });
  return ctx.withTx(tx => tx.db.items.count());
});
contract.procedure('abort', t.u64(), ctx => {
  try {
    ctx.withTx(tx => {
      tx.db.items.insert(item('undone'));
      throw new Error('undo');
    });
  } catch (error: any) {
    console.log(`undone ${error.message}`);
  }
  return ctx.withTx(tx => tx.db.items.count());
});
contract.procedure('procedure_errors', t.unit(), ctx => {
  say('name outside', () => sys.table_id_from_name('items'));
  say('count outside', () => sys.datastore_table_row_count(4096));
  say('claims outside', () => sys.get_jwt_payload(1n));
  say('commit', () => sys2.procedure_commit_mut_tx());
  say('abort', () => sys2.procedure_abort_mut_tx());
  ctx.withTx(() => {
    say('start inside', () => sys2.procedure_start_mut_tx());
    say('http inside', () => sys2.procedure_http_request(get('http://a/'), ''));
  });
  return {};
});
contract.procedure('fetch', { uri: t.string() }, t.string(), (ctx, { uri }) => {
  try {
    const response = ctx.http.fetch(uri, { method: 'POST', headers: { 'x-a': '1' }, body: 'ping' });
    return `${response.status} ${response.headers.get('content-type')} ${response.text()}`;
  } catch (error: any) {
    return `failed: ${error.message}`;
  }
});
contract.procedure('procedure_fails', t.unit(), ctx => {
  ctx.withTx(tx => tx.db.items.insert(item('kept')));
  throw new Error('a mistake');
});

function get(uri: string) {
  const encoded = new TextEncoder().encode(uri);
  return Uint8Array.from([0, 0, 0, 0, 0, 1, encoded.length, 0, 0, 0, ...encoded, 2]);
}
