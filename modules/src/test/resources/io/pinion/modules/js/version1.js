// A module on version 1 of the ABI: hooks are registered, bytes are Uint8Arrays, errors are plain objects.
import * as sys from 'spacetime:sys@1.0';
import { register_hooks } from 'spacetime:sys@1.1';
import { datastore_index_scan_point_bsatn } from 'spacetime:sys@1.3';
// Only for the description, which is the same in both versions.
import { moduleHooks } from 'spacetime:sys@2.0';
import { module, reducer, t, table, view, anonymousView } from 'pinion:module@1';

const notes = table({ id: t.u64.primaryKey(), text: t.string }, { public: true });
const nothing = () => {};
const described = module({
  tables: { notes },
  reducers: {
    add: reducer({ id: t.u64, text: t.string }, nothing),
    fail: reducer(nothing),
    refuse: reducer(nothing),
    say_nothing: reducer(nothing),
  },
  views: { old_form: view(t.array(notes.row), nothing), new_form: anonymousView(t.array(notes.row), nothing) },
})[moduleHooks]();

/** Reads a scan in chunks that are as small as the rows allow. */
function rowsOf(iterator) {
  const bytes = [];
  let size = 1;
  for (;;) {
    try {
      const { 0: done, 1: chunk } = sys.row_iter_bsatn_advance(iterator, size);
      bytes.push(...chunk);
      if (done) return bytes;
    } catch (error) {
      if (!(error.__buffer_too_small__ > size)) throw error;
      size = error.__buffer_too_small__;
    }
  }
}

function add(args) {
  const table = sys.table_id_from_name('notes');
  try {
    if (sys.datastore_insert_bsatn(table, args).length !== 0) throw new Error('nothing is generated');
  } catch (error) {
    if (error.__code_error__ !== 12) throw error;
    return { tag: 'err', value: 'there is such a note already' };
  }
  const index = sys.index_id_from_name('notes_id_idx_btree');
  const found = rowsOf(datastore_index_scan_point_bsatn(index, args.slice(0, 8)));
  if (found.join() !== args.join()) throw new Error(`found ${found}`);
  return { tag: 'ok' };
}

function arrayOf(rows, count) {
  return Uint8Array.from([count, 0, 0, 0, ...rows]);
}

function allNotes() {
  const table = sys.table_id_from_name('notes');
  return arrayOf(rowsOf(sys.datastore_table_scan_bsatn(table)), Number(sys.datastore_table_row_count(table)));
}

sys.register_hooks({
  __describe_module__() {
    if (this !== undefined) throw new Error('hooks have no this');
    return described.__describe_module__();
  },
  __call_reducer__(id, sender, connection, timestamp, args) {
    if (sender !== 7n || connection !== 5n || timestamp !== 1700000000000000n) throw new Error('not so');
    switch (id) {
      case 0:
        return add(args);
      case 1:
        throw new Error('broken');
      case 2:
        return { tag: 'err', value: 'refused' };
    }
  },
});

register_hooks({
  __call_view__: () => allNotes(),
  __call_view_anon__: () => ({ data: Uint8Array.from([0, ...allNotes()]) }),
});
